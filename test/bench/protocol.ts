/** What the bench and the server that it measures have agreed on. */
import { Day } from "../../src/model/day.ts";

export const NEWEST = Day.parse("2025-11-30");
/** The newest days have real pictures. */
export const PICTURES = 30;
/** The day that has numbers. */
export const DATA_DAY = Day.parse("2025-11-29");

export type ToParent = { port: number; barePort: number; basePath: string } | { cpuMicros: number; rssBytes: number };
