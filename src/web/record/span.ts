/**
 * The stretch of time that the chart shows: how it moves, and how the address tells it.
 * Owns its limits: never shorter than an hour, never beyond the record but for a little air.
 */

export interface Span {
  startMs: number;
  endMs: number;
}

const CADENCE_MS = 600_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const SHORTEST_MS = HOUR_MS;
/** Air left and right of the record, as a share of what is shown. */
const AIR = 0.02;

/** How far back from the last sample; the rest of the record with it moves on by itself. */
export const PRESETS = {
  "24h": DAY_MS,
  "3d": 3 * DAY_MS,
  "7d": 7 * DAY_MS,
  "30d": 30 * DAY_MS,
  "1y": 365 * DAY_MS,
} as const;
export type Preset = keyof typeof PRESETS | "all";
export const PRESET_NAMES = [...(Object.keys(PRESETS) as (keyof typeof PRESETS)[]), "all"] as const;

export const lengthOf = ({ startMs, endMs }: Span): number => endMs - startMs;

/** @param record all that there is, from its first to its last sample */
export function presetSpan(preset: Preset, record: Span): Span {
  const wholeMs = lengthOf(record);
  const lengthMs = preset === "all" ? Infinity : PRESETS[preset];
  if (lengthMs < wholeMs) return { startMs: record.endMs - lengthMs, endMs: record.endMs + (lengthMs * AIR) / 4 };
  const airMs = (wholeMs * AIR) / 2;
  return { startMs: record.startMs - airMs, endMs: record.endMs + airMs };
}

/** The nearest span that the limits allow: of the same length where that can be. */
export function fitSpan(span: Span, record: Span): Span {
  const whole = lengthOf(presetSpan("all", record));
  const lengthMs = Math.min(Math.max(lengthOf(span), SHORTEST_MS), Math.max(whole, 7 * DAY_MS));
  const middleMs = (span.startMs + span.endMs) / 2;
  const airMs = lengthMs * AIR;
  let startMs = lengthMs === lengthOf(span) ? span.startMs : middleMs - lengthMs / 2;
  startMs = Math.min(startMs, record.endMs + airMs - lengthMs);
  if (lengthMs <= whole) startMs = Math.max(startMs, record.startMs - airMs);
  return { startMs, endMs: startMs + lengthMs };
}

/** What of it the record can have, up to where its last sample reaches: without the air. */
export function cutSpan(span: Span, record: Span): Span {
  const { startMs, endMs } = fitSpan(span, record);
  return { startMs: Math.max(startMs, record.startMs), endMs: Math.min(endMs, record.endMs + CADENCE_MS) };
}

/** @param factor below 1 shows less time; the instant `aroundMs` stays where it is */
export function zoomSpan({ startMs, endMs }: Span, factor: number, aroundMs = (startMs + endMs) / 2): Span {
  return { startMs: aroundMs - (aroundMs - startMs) * factor, endMs: aroundMs + (endMs - aroundMs) * factor };
}

/** @param share of what is shown; above 0 goes on in time */
export function panSpan(span: Span, share: number): Span {
  const byMs = lengthOf(span) * share;
  return { startMs: span.startMs + byMs, endMs: span.endMs + byMs };
}

/** What the address says: a preset, or two instants; seven days where it says nothing that can be understood. */
export function parseSpan(state: Readonly<Record<string, string>>): Preset | Span {
  const startMs = Date.parse(state["from"] ?? "");
  const endMs = Date.parse(state["to"] ?? "");
  if (startMs < endMs) return { startMs, endMs };
  return PRESET_NAMES.find((name) => name === state["span"]) ?? "7d";
}

/** Instants in whole minutes, UTC: `2025-11-04T12:30Z` */
export function stateOf(shown: Preset | Span): Record<string, string> {
  if (typeof shown === "string") return { span: shown };
  const minute = (timeMs: number): string => `${new Date(timeMs).toISOString().slice(0, 16)}Z`;
  return { from: minute(shown.startMs), to: minute(shown.endMs) };
}
