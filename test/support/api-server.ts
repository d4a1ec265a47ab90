/**
 * The API as a client meets it: served on loopback, over a real archive and catalog in a folder of its own.
 * The jobs behind the mutations are stood in for; they have tests of their own.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { vi } from "vitest";
import { createHandler } from "../../src/api/handler.ts";
import { listen } from "../../src/api/listen.ts";
import type { ApiSettings, Services } from "../../src/api/services.ts";
import type { Archive, SaveOptions } from "../../src/archive/archive.ts";
import { createArchive } from "../../src/archive/create-archive.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { openCatalog, type Catalog } from "../../src/catalog/catalog.ts";
import type { CatalogDay } from "../../src/catalog/days.ts";
import type { CatalogReading } from "../../src/catalog/readings.ts";
import { indexDay } from "../../src/jobs/index-day.ts";
import type { ArchivedListener } from "../../src/jobs/archive-now.ts";
import type { RecordSample } from "../../src/jobs/new-samples.ts";
import { Day } from "../../src/model/day.ts";
import type { EpisodeChange } from "../../src/series/episodes.ts";
import type { TypedDocumentString } from "../../src/web/operations.ts";
import { samplePlot } from "./sample-plot.ts";

export const ADMIN_TOKEN = "the-admin-token";
export const READ_TOKEN = "the-read-token";
export const TODAY = Day.parse("2025-11-05");

export interface ApiServer extends AsyncDisposable {
  /** Without a slash at its end. */
  url: string;
  /** Of the folder that holds the archive. */
  base: string;
  archive: Archive;
  catalog: Catalog;
  services: Services;
  /** What the API logged, one object a line. */
  logged: Record<string, unknown>[];
  /** Moves the clock that the API was handed. */
  setNow(instant: string): void;
  /** Keeps a picture of its own for a day, as the archive job does. */
  keep(day: string, options?: SaveOptions & { at?: string }): Promise<CatalogDay>;
  /** Asks by GraphQL, with the admin's token or another's where one is given. */
  ask<Result, Variables>(
    document: TypedDocumentString<Result, Variables> | string,
    variables?: Variables,
    token?: string,
  ): Promise<Answered<Result>>;
  /** Tells the subscribers of a new archive. */
  announce(day: CatalogDay, newSamples?: readonly RecordSample[]): void;
  /** Tells the subscribers of an episode. */
  announceEpisode(change: EpisodeChange): void;
  /** Resolves when so many subscribers listen. */
  listening(count: number): Promise<void>;
  /** Stops what has no end, as the app does before it closes the server. */
  stop(): void;
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

export interface Answered<Result> {
  status: number;
  data: Result | null | undefined;
  errors: { message: string; path?: (string | number)[]; extensions: { code: string } }[] | undefined;
}

export interface ApiServerOptions {
  settings?: Partial<ApiSettings>;
  services?: Partial<Services>;
}

export async function startApi({ settings, services }: ApiServerOptions = {}): Promise<ApiServer> {
  const folder = await mkdtemp(join(tmpdir(), "etna-api-"));
  const base = join(folder, "data", "archives");
  let nowMs = Date.parse(`${TODAY}T12:00:00Z`);
  const clock = (): number => nowMs;
  const logged: Record<string, unknown>[] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => void logged.push(JSON.parse(line)) });
  const archive = createArchive(createFsStore({ basePath: base, clock }), { clock });
  const catalog = openCatalog(join(folder, "catalog.sqlite"));
  const listeners = new Set<ArchivedListener>();
  const episodeListeners = new Set<(change: EpisodeChange) => void>();
  const closing = new AbortController();

  const all: Services = {
    archive,
    catalog,
    job: {
      archiveNow: () => Promise.reject(new Error("This test runs no job")),
      onArchived(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    episodes: {
      onChange(listener) {
        episodeListeners.add(listener);
        return () => episodeListeners.delete(listener);
      },
    },
    verify: () => Promise.reject(new Error("This test verifies nothing")),
    cleanUp: () => Promise.reject(new Error("This test runs no cleanup")),
    backUp: undefined,
    schedule: { pattern: undefined, nextRunMs: () => undefined, successDueSinceMs: () => undefined },
    clock,
    log,
    closing: closing.signal,
    ...services,
    settings: {
      version: "1.2.3",
      synthetic: false,
      storeKind: "file",
      retentionDays: 90,
      displayBase: "data/archives",
      publicUrl: undefined,
      adminToken: ADMIN_TOKEN,
      readToken: undefined,
      corsOrigins: [],
      levels: { mediumMv: 1, highMv: 4 },
      webFolder: join(folder, "dist"),
      ...settings,
    },
  };

  const listening = await listen(createHandler(all), { host: "127.0.0.1", port: 0, log });
  const { url } = listening;
  return {
    url,
    base,
    archive,
    catalog,
    services: all,
    logged,
    setNow(instant) {
      nowMs = Date.parse(instant);
    },
    async keep(day, { at = `${day}T12:00:00Z`, ...options } = {}) {
      await archive.save(Day.parse(day), samplePlot(`${day} ${at}`, at), options);
      return (await indexDay(Day.parse(day), { archive, catalog, log }))!;
    },
    async ask(document, variables, token) {
      const response = await fetch(`${url}/graphql`, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
        body: JSON.stringify({ query: document.toString(), variables }),
      });
      const { data, errors } = (await response.json()) as Answered<never>;
      return { status: response.status, data, errors };
    },
    announce(day, newSamples = []) {
      for (const listener of listeners) listener(day, newSamples);
    },
    announceEpisode(change) {
      for (const listener of episodeListeners) listener(change);
    },
    listening: (count) =>
      vi
        .waitUntil(() => listeners.size + episodeListeners.size === count, { timeout: 30_000, interval: 5 })
        .then(() => {}),
    stop: () => closing.abort(),
    fetch: (path, init) => fetch(url + path, init),
    async [Symbol.asyncDispose]() {
      closing.abort();
      await listening[Symbol.asyncDispose]();
      catalog[Symbol.dispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A reading of a day: a sample each ten minutes from `from` on, of 1 mV, 1.01 mV and so on. */
export function reading(day: string, from: string, count: number, rest: Partial<CatalogReading> = {}): CatalogReading {
  return {
    day: Day.parse(day),
    digitizerVersion: 1,
    trusted: true,
    station: "ECBD",
    fetchedMs: undefined,
    calibration: undefined,
    fidelity: undefined,
    problem: undefined,
    samples: Array.from({ length: count }, (_, index) => ({
      timeMs: Date.parse(from) + index * 600_000,
      rmsMv: Number((1 + index / 100).toFixed(2)),
      clipped: index === 3,
      uncertaintyDecades: 0.0037,
    })),
    ...rest,
  };
}
