/** /metrics for Prometheus: requests as they are answered, the archive and this process as they are when asked. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Catalog } from "../catalog/catalog.ts";
import type { Run } from "../catalog/runs.ts";
import { decisiveBackupRuns, isBackupBad, isBackupCheck, listBackups } from "../jobs/backup-runs.ts";
import { MOST_OPEN, type OpenStreams, type StreamKind } from "./open-streams.ts";
import { allowOnlyGet, respond, type RestApp } from "./rest/route.ts";
import type { Services } from "./services.ts";
import { readRecent } from "./tremor.ts";

export interface Metrics {
  observe(method: string, route: string, status: number, seconds: number): void;
  countUnknownToken(): void;
  /** In Prometheus' text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

const BUCKETS_SECONDS = [0.0005, 0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10];
/** Where none of so many days shows tremor, the time that was told last goes on being told. */
const DAYS_LOOKED_AT = 40;
const METHODS = new Set(["GET", "HEAD", "POST", "OPTIONS"]);

export function createMetrics(
  { archive, catalog, backupPlace }: Pick<Services, "archive" | "catalog" | "backupPlace">,
  streams: Pick<OpenStreams, "count">,
): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: "http_request_duration_seconds",
    help: "Seconds from a request's head to its answer being handed over",
    labelNames: ["method", "route", "status"] as const,
    buckets: BUCKETS_SECONDS,
    registers,
  });
  const unknownTokens = new Counter({
    name: "etna_archive_refused_tokens_total",
    help: "Requests that sent a token that isn't ours; many tell of somebody who tries tokens",
    registers,
  });
  const runs = new Counter({
    name: "etna_archive_runs_total",
    help: "Runs that ended since this process started, whichever process ran them",
    labelNames: ["outcome"] as const,
    registers,
  });
  for (const outcome of ["ARCHIVED", "UNCHANGED", "FAILED"]) runs.inc({ outcome }, 0);
  const success = gauge(
    "etna_archive_last_success_timestamp_seconds",
    "When the last run that ended ARCHIVED or UNCHANGED ended, in seconds since 1970",
  );
  const days = gauge("etna_archive_days", "Days that have a picture");
  const bytes = gauge("etna_archive_bytes", "Bytes that the pictures take on disk");

  const damaged = gauge("etna_archive_verify_damaged", "Damage that the last verification found and didn't mend");
  const verified = gauge(
    "etna_archive_verify_timestamp_seconds",
    "When the last verification that went to its end ended, in seconds since 1970",
  );

  const backedUp = gauge(
    "etna_archive_last_backup_timestamp_seconds",
    "When the last backup that left nothing out ended, in seconds since 1970; 0 while there is none",
  );
  const backupBad = gauge(
    "etna_archive_backup_failing",
    "1 while the last backup or its last check failed or found a problem",
  );
  const free = gauge(
    "etna_archive_free_bytes",
    "Bytes that are free where the archive lies; NaN where nobody can say, as in a bucket",
  );
  const waiting = gauge(
    "etna_archive_waiting_days",
    "Days of the record that are still to be stitched, as after a rebuild",
  );

  const newestSample = gauge(
    "etna_archive_newest_sample_timestamp_seconds",
    "The newest sample of the record, in seconds since 1970; it stands still while plots are frozen or can't be read",
  );
  const readPlot = gauge(
    "etna_archive_last_read_plot_timestamp_seconds",
    "When the newest archived plot in which tremor could be read was fetched, in seconds since 1970",
  );

  const open = new Gauge({
    name: "etna_archive_open_streams",
    help: "Subscriptions and exports that are being sent",
    labelNames: ["kind"] as const,
    registers,
  });

  const endedRuns = createRunWatch(catalog);
  return {
    contentType: registry.contentType,
    observe(method, route, status, seconds) {
      requests.observe({ method: METHODS.has(method) ? method : "other", route, status }, seconds);
    },
    countUnknownToken: () => unknownTokens.inc(),
    async text() {
      for (const { outcome = "FAILED" } of endedRuns()) runs.inc({ outcome });
      const totals = catalog.totals();
      days.set(totals.archives);
      bytes.set(totals.bytes);
      for (const kind of Object.keys(MOST_OPEN) as StreamKind[]) open.set({ kind }, streams.count(kind));
      const endedMs = catalog.lastSuccess()?.endedMs;
      if (endedMs !== undefined) success.set(endedMs / 1000);
      const verification = catalog.lastEndedMaintenance("VERIFY");
      if (verification?.endedMs !== undefined) {
        const { counts, endedMs } = verification;
        damaged.set((counts["damaged"] ?? 0) - (counts["repaired"] ?? 0));
        verified.set(endedMs / 1000);
      }
      const backups = listBackups(catalog, backupPlace);
      const whole = backups.find((run) => run.outcome === "DONE" && !isBackupCheck(run));
      if (whole?.endedMs !== undefined) backedUp.set(whole.endedMs / 1000);
      backupBad.set(decisiveBackupRuns(backups).some(isBackupBad) ? 1 : 0);
      free.set((await archive.freeBytes().catch(() => undefined)) ?? Number.NaN);
      waiting.set(catalog.countUnstitched());
      const sampleMs = readRecent(catalog).timesMs.at(-1);
      if (sampleMs !== undefined) newestSample.set(sampleMs / 1000);
      const read = catalog.listDays({ order: "NEWEST_FIRST", limit: DAYS_LOOKED_AT }).find(({ window }) => window);
      if (read !== undefined) readPlot.set((read.fetchedMs ?? read.modifiedMs) / 1000);
      return await registry.metrics();
    },
  };
}

export function addMetricsRoute(app: RestApp, metrics: Metrics): void {
  app.get("/metrics", (c) =>
    respond(c, "Failed to measure", async () => ({
      status: 200,
      headers: { "Content-Type": metrics.contentType, "Cache-Control": "no-store" },
      body: await metrics.text(),
    })),
  );
  allowOnlyGet(app, "/metrics");
}

/** Answers the runs that have ended since it was last asked; the history is in the catalog, so no job need tell. */
function createRunWatch(catalog: Catalog): () => Run[] {
  const PAGE = 500;
  // Of all runs, those that keep a picture at hand too, which the catalog's `lastRun` passes over.
  const newestRun = (): Run | undefined => catalog.listRuns({ limit: 1 })[0];
  const last = newestRun();
  let seen = last === undefined ? 0 : last.outcome === undefined ? last.id - 1 : last.id;
  let open = new Set<number>();

  return () => {
    const ended: Run[] = [];
    const stillOpen = new Set<number>();
    const look = (run: Run): void => {
      if (run.outcome === undefined) stillOpen.add(run.id);
      else ended.push(run);
    };
    for (const id of open) {
      const run = catalog.findRun(id);
      if (run !== undefined) look(run);
    }
    const newest = newestRun()?.id ?? seen;
    for (let after: number | undefined, page: Run[] | undefined; page === undefined || page.length === PAGE;) {
      page = catalog.listRuns({ limit: PAGE, after }).filter(({ id }) => id > seen);
      page.forEach(look);
      after = page.at(-1)?.id;
    }
    seen = Math.max(seen, newest);
    open = stillOpen;
    return ended;
  };
}
