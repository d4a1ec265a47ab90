/**
 * How fast the record answers: requests as a server answers them, through the handler, each asked for the first time.
 */
import { pino } from "pino";
import { createHandler } from "../../../src/api/handler.ts";
import type { Services } from "../../../src/api/services.ts";
import type { Catalog } from "../../../src/catalog/catalog.ts";
import { addDays, dayStartMs, type Day } from "../../../src/model/day.ts";

export interface Timing {
  medianMs: number;
  worstMs: number;
}

/** What the API needs to read a catalog, and nothing that a benchmark of reading hasn't. */
export function createBenchServices(catalog: Catalog): Services {
  const unused = (): never => {
    throw new Error("Not part of this benchmark");
  };
  return {
    archive: {
      get: unused,
      survey: unused,
      isUntouched: unused,
      checkWritable: unused,
      freeBytes: async () => undefined,
    },
    catalog,
    job: { archiveNow: unused, onArchived: () => () => {} },
    episodes: { onChange: () => unused },
    backUp: undefined,
    schedule: { pattern: undefined, nextRunMs: () => undefined, successDueSinceMs: () => undefined },
    verify: unused,
    cleanUp: unused,
    clock: Date.now,
    log: pino({ level: "silent" }),
    closing: new AbortController().signal,
    settings: {
      version: "bench",
      synthetic: true,
      storeKind: "file",
      retentionDays: -1,
      displayBase: "data/archives",
      publicUrl: undefined,
      adminToken: "bench-admin",
      readToken: undefined,
      corsOrigins: [],
      levels: { mediumMv: 1, highMv: 4 },
      webFolder: "no such folder",
    },
  };
}

export function createBenchHandler(catalog: Catalog): (request: Request) => Promise<Response> {
  const handler = createHandler(createBenchServices(catalog));
  return async (request) => handler(request);
}

const COLUMNS = "{ columns { epochSeconds values min max clipped } }";

export function tremorQuery(startMs: number, endMs: number, rest: string, fields = COLUMNS): string {
  const [start, end] = [startMs, endMs].map((timeMs) => new Date(timeMs).toISOString());
  return `{ tremor(start: "${start}", end: "${end}"${rest}) ${fields} }`;
}

/** @param query makes another one each time, so that none was answered before */
export async function timeQueries(
  handler: (request: Request) => Promise<Response>,
  count: number,
  query: (index: number) => string,
): Promise<Timing> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const body = JSON.stringify({ query: query(index) });
    const startedMs = performance.now();
    const response = await handler(
      new Request("http://bench/graphql", { method: "POST", headers: { "Content-Type": "application/json" }, body }),
    );
    await response.arrayBuffer();
    times.push(performance.now() - startedMs);
  }
  times.sort((a, b) => a - b);
  return { medianMs: times[times.length >> 1]!, worstMs: times.at(-1)! };
}

const DAY_MS = 86_400_000;

/** Days, years by the hour, and all by the day. */
export async function measureSpeed(catalog: Catalog, first: Day, days: number) {
  const handler = createBenchHandler(catalog);
  const startMs = dayStartMs(first);
  const dayAt = (index: number): number => dayStartMs(addDays(first, (index * 7919) % days));
  const yearDays = Math.min(365, days);
  const asked = {
    oneDay: (index: number) => tremorQuery(dayAt(index), dayAt(index) + DAY_MS, ""),
    yearByHour: (index: number) => {
      const fromMs = startMs + ((index * 97) % Math.max(1, days - yearDays)) * DAY_MS;
      return tremorQuery(fromMs, fromMs + yearDays * DAY_MS - index * 3_600_000, `, step: "PT1H"`);
    },
    allByDay: (index: number) => tremorQuery(startMs, startMs + days * DAY_MS - index * DAY_MS, `, step: "P1D"`),
  };
  for (const query of Object.values(asked)) await timeQueries(handler, 10, (index) => query(index + 1000));
  return {
    oneDay: await timeQueries(handler, 200, asked.oneDay),
    yearByHour: await timeQueries(handler, 40, asked.yearByHour),
    allByDay: await timeQueries(handler, 20, asked.allByDay),
    allByDayAfterChange: await timeQueries(handler, 20, (index) => {
      catalog.putPicture(first, catalog.findDay(first));
      return asked.allByDay(index + 500);
    }),
    badInput: await timeQueries(handler, BAD.length, (index) => BAD[index]!),
  };
}

const BAD = [
  tremorQuery(DAY_MS, 0, ""),
  tremorQuery(0, DAY_MS, `, step: "PT5M"`),
  tremorQuery(0, DAY_MS, `, step: "PT15M"`),
  tremorQuery(0, DAY_MS, `, step: "1h"`),
  tremorQuery(0, 200 * 365 * DAY_MS, ""),
  tremorQuery(0, DAY_MS, `, format: "xml"`),
];
