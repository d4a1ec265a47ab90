/**
 * A server for the page to be looked at in a browser: five weeks of tremor up to now, with one episode and a gap of two
 * days, and a port that it can be started on again.
 */
import { createHandler } from "../../src/api/handler.ts";
import { listen, type Listening } from "../../src/api/listen.ts";
import type { ApiSettings, Services } from "../../src/api/services.ts";
import { dayOf } from "../../src/model/day.ts";
import { startApi, type ApiServer } from "./api-server.ts";
import { plotOf, putPlots } from "./tremor.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface PageServer extends AsyncDisposable {
  url: string;
  api: ApiServer;
  /** Ends as on SIGTERM: nothing listens any more. */
  stop(): Promise<void>;
  /** Listens again, at the same address. */
  start(): Promise<void>;
}

export interface PageServerOptions {
  settings: Partial<ApiSettings>;
  services?: Partial<Services>;
  /** `false`: an archive that has nothing yet. */
  filled?: boolean;
}

/** Five weeks ago the record begins; the episode was three days ago, the gap three weeks. */
export async function startPageServer({ settings, services, filled = true }: PageServerOptions): Promise<PageServer> {
  const api = await startApi({ settings, ...(services && { services }) });
  const nowMs = Date.now();
  api.setNow(new Date(nowMs).toISOString());
  if (filled) {
    const lastMs = Math.floor(nowMs / 600_000) * 600_000;
    const shown = (timeMs: number): boolean => timeMs <= lastMs && !isInGap(lastMs - timeMs);
    const plots = Array.from({ length: 5 }, (_, week) =>
      plotOf(dayOf(lastMs - week * 7 * DAY_MS), (timeMs) => tremorAt(lastMs - timeMs, timeMs), shown),
    );
    putPlots(api.catalog, ...plots);
  }

  let closing = new AbortController();
  let listening: Listening | undefined;
  let port = 0;
  const server: PageServer = {
    url: "",
    api,
    async start() {
      closing = new AbortController();
      listening = await listen(createHandler({ ...api.services, closing: closing.signal }), {
        log: api.services.log,
        host: "127.0.0.1",
        port,
      });
      server.url = listening.url;
      port = Number(new URL(listening.url).port);
    },
    async stop() {
      closing.abort(); // what has no end gets one
      await listening?.[Symbol.asyncDispose]();
      listening = undefined;
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      await api[Symbol.asyncDispose]();
    },
  };
  await server.start();
  return server;
}

const isInGap = (agoMs: number): boolean => agoMs > 20 * DAY_MS && agoMs < 22 * DAY_MS;

/** Quiet, about 0.4 mV; for six hours three days ago at 6 mV. */
function tremorAt(agoMs: number, timeMs: number): number {
  const sinceOnsetMs = 3 * DAY_MS - agoMs;
  if (sinceOnsetMs >= 0 && sinceOnsetMs < 6 * HOUR_MS) return 6;
  return 0.4 * (1 + 0.1 * Math.sin(timeMs / 5_000_000));
}
