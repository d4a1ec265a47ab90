/**
 * The archive job: fetch the plot, keep it, read it, let old pictures go, and write down how it went.
 * Owns the order of these steps and the run's row in the history; each step is its own stage's.
 */
import type { CleanedUp, Saved } from "../archive/archive.ts";
import type { CatalogDay } from "../catalog/days.ts";
import type { Run, RunTrigger } from "../catalog/runs.ts";
import { dayOf, type Day } from "../model/day.ts";
import { ShutDown } from "../model/errors.ts";
import type { Digitization, FetchedPlot } from "../model/plot.ts";
import { checkPng } from "../model/png.ts";
import { CADENCE_MS, type TimeRange } from "../model/series.ts";
import type { PlotSource } from "../source/ingv.ts";
import { cleanUp } from "./cleanup.ts";
import { readLeniently, type Digitizer } from "./digitizer.ts";
import { refuseFutureDay } from "./future-day.ts";
import { closeRun, openRun, tellFailure, type RunLogParts } from "./run-log.ts";
import { indexDay, toCatalogDay, type IndexParts } from "./index-day.ts";
import { createUnfinishedMender } from "./mend-unfinished.ts";
import { watchSamples, type RecordSample } from "./new-samples.ts";
import { stitchPending } from "./stitch-pending.ts";
import { findTodaysVersion } from "./todays-version.ts";

export interface ArchiveJobParts extends IndexParts, Pick<RunLogParts, "lastRuns"> {
  source: PlotSource;
  digitizer: Digitizer;
  clock: () => number;
  /** The URL that `source` asks: a version of another URL means nothing to it. */
  sourceUrl: string;
  policy: { retentionDays: number; keepSeries: boolean };
}

export interface ArchiveNowOptions {
  /** Gzip the picture; default: as configured. */
  compress?: boolean | undefined;
  /** Asked once the plot is there, before anything is kept: does this server fetch for the others still? */
  mayGoOn?: () => boolean;
}

export interface KeepPlotOptions {
  /** Gzip the picture; default: as configured. */
  compress?: boolean;
  /** Keep it even where the day holds a fresher plot. */
  force?: boolean;
  /** Leave the tremor record as it is: many plots are kept, and the caller stitches them at once (`stitchPending`). */
  stitchLater?: boolean;
}

export type ArchiveNowResult =
  | {
      outcome: "ARCHIVED" | "UNCHANGED";
      run: Run;
      day: CatalogDay;
      /** Why UNCHANGED, in words, where the archive told. */
      reason: string | undefined;
      cleanup: CleanedUp | undefined;
      /** What the plot brought into the tremor record, by time. */
      newSamples: RecordSample[];
    }
  /** `error` is unexpected unless it is a `KnownError`. */
  | { outcome: "FAILED"; run: Run; error: Error };

export type ArchivedListener = (day: CatalogDay, newSamples: readonly RecordSample[]) => void;

/** Closing it finishes a write that is under way, and gives a fetch `FETCH_GRACE_MS` to end by itself. */
export interface ArchiveJob extends AsyncDisposable {
  /** Runs now, or joins the run that is under way and gets its result. Never rejects. */
  archiveNow(trigger: RunTrigger, options?: ArchiveNowOptions): Promise<ArchiveNowResult>;
  /** Keeps a plot that is at hand, as one run. Never rejects. */
  keepPlot(day: Day, plot: FetchedPlot, options?: KeepPlotOptions): Promise<ArchiveNowResult>;
  /** Calls `listener` for each archive that this process writes, or is told of; answers how to stop that. */
  onArchived(listener: ArchivedListener): () => void;
  /** Begins what closing waits for, so that who asked for a run is answered before the server closes. */
  stop(): void;
  /** Tells the listeners of one that another server has written. */
  announce: ArchivedListener;
}

const FETCH_GRACE_MS = 5000;

export function createArchiveJob(parts: ArchiveJobParts, graceMs = FETCH_GRACE_MS): ArchiveJob {
  const { source, archive, clock, log } = parts;
  const listeners = new Set<ArchivedListener>();
  const stopping = new AbortController();
  /** What a cleanup hasn't done yet is done by the next one, so it needs no grace. */
  const closing = new AbortController();
  const runs = new Set<Promise<ArchiveNowResult>>();
  const mendUnfinished = createUnfinishedMender(parts);
  let fetching: Promise<ArchiveNowResult> | undefined;
  let grace: NodeJS.Timeout | undefined;

  const reason = new ShutDown("The program is stopping; the run was ended");
  const abort = (): void => stopping.abort(reason);
  function stop(): void {
    closing.abort(reason);
    grace ??= setTimeout(abort, graceMs);
  }

  async function fetchAndKeep(options: ArchiveNowOptions): Promise<Kept> {
    await mendUnfinished(dayOf(clock()), closing.signal);
    const seen = await findTodaysVersion(dayOf(clock()), parts);
    const plot = await source.findNewer(seen?.version, stopping.signal);
    if (plot === undefined && seen !== undefined)
      return { outcome: "UNCHANGED", day: seen.day, reason: undefined, cleanup: undefined, newSamples: [] };
    if (plot === undefined) throw new Error("The source answered «not modified» to an unconditional request");
    if (options.mayGoOn?.() === false) throw new ShutDown("Another server fetches now; this run was ended");
    return keep(dayOf(plot.fetchedMs), plot, { compress: options.compress, cleanUpAfter: true });
  }

  async function keep(
    day: Day,
    plot: FetchedPlot,
    {
      compress,
      force,
      stitchLater,
      cleanUpAfter,
    }: Omit<KeepPlotOptions, "compress"> & { compress?: boolean | undefined; cleanUpAfter: boolean },
  ): Promise<Kept> {
    const { trailingBytes } = checkPng(plot.png);
    if (trailingBytes > 0) log.warn({ day, trailingBytes }, "the plot has bytes after its end; they are kept");
    const reading = await readLeniently(plot, parts);
    // Before anything is kept: whoever follows the tree may have stitched it before this run does.
    const findNewSamples = watchLeniently(shownRange(reading), parts);
    const saved = await archive.save(day, plot, {
      signal: stopping.signal,
      ...(compress === undefined ? {} : { compress }),
      ...(force === undefined ? {} : { force }),
      ...(reading === undefined ? {} : { reading }),
    });
    const { picture, newSamples } = await indexLeniently(saved, findNewSamples, parts, stitchLater);
    const { reason } = saved;
    if (saved.outcome === "UNCHANGED")
      return { outcome: "UNCHANGED", day: picture, reason, cleanup: undefined, newSamples };
    announce(picture, newSamples);
    const cleanup = cleanUpAfter ? await cleanUpLeniently(parts, closing.signal) : undefined;
    return { outcome: saved.outcome, day: picture, reason, cleanup, newSamples };
  }

  async function asRun(trigger: RunTrigger, fetches: boolean, work: () => Promise<Kept>): Promise<ArchiveNowResult> {
    const run = openRun(trigger, fetches, parts);
    const runLog = log.child({ runId: run.id, trigger });
    try {
      const { outcome, day, reason, cleanup, newSamples } = await work();
      const told = { outcome, reason, day: day.day, size: day.size, samples: newSamples.length };
      runLog.info({ ...told, deleted: cleanup?.days.length ?? 0 }, "archival run ended");
      const ended = closeRun(run, { endedMs: clock(), outcome, day: day.day }, parts);
      return { outcome, run: ended, day, reason, cleanup, newSamples };
    } catch (thrown) {
      const { error, ...failed } = tellFailure(thrown, runLog.child({ outcome: "FAILED" }), "archival run failed");
      return {
        outcome: "FAILED",
        run: closeRun(run, { endedMs: clock(), outcome: "FAILED", error: failed }, parts),
        error,
      };
    }
  }

  function announce(day: CatalogDay, newSamples: readonly RecordSample[]): void {
    for (const listener of listeners) listener(day, newSamples);
  }

  async function tracked(run: Promise<ArchiveNowResult>): Promise<ArchiveNowResult> {
    runs.add(run);
    return run.finally(() => runs.delete(run));
  }

  return {
    archiveNow(trigger, options = {}) {
      fetching ??= tracked(asRun(trigger, true, () => fetchAndKeep(options))).finally(() => {
        fetching = undefined;
      });
      return fetching;
    },
    keepPlot: (day, plot, options = {}) =>
      tracked(
        asRun("COMMAND", false, async () => {
          refuseFutureDay(day, clock());
          return await keep(day, plot, { ...options, cleanUpAfter: false });
        }),
      ),
    onArchived(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop,
    announce,
    async [Symbol.asyncDispose]() {
      stop();
      await Promise.all(runs);
      clearTimeout(grace);
      abort(); // for whoever still asks
    },
  };
}

interface Kept {
  outcome: Saved["outcome"];
  day: CatalogDay;
  reason: Saved["reason"];
  cleanup: CleanedUp | undefined;
  newSamples: RecordSample[];
}

/** The picture is safe by now; a catalog that can't be written learns of it at the next look at the tree. */
async function indexLeniently(
  { archived, record }: Saved,
  findNewSamples: () => RecordSample[],
  parts: ArchiveJobParts,
  stitchLater = false,
): Promise<{ picture: CatalogDay; newSamples: RecordSample[] }> {
  const { catalog } = parts;
  try {
    const picture = await indexDay(archived.day, parts);
    if (!stitchLater) await stitchPending(catalog);
    const newSamples = findNewSamples();
    if (picture !== undefined) return { picture, newSamples };
  } catch (error) {
    parts.log.error({ err: error, day: archived.day }, "the archive could not be put into the catalog");
  }
  return { picture: toCatalogDay(archived, record), newSamples: [] };
}

/** A catalog that can't be read keeps no picture from being kept. */
function watchLeniently(range: TimeRange, { catalog, log }: ArchiveJobParts): () => RecordSample[] {
  try {
    return watchSamples(catalog, range);
  } catch (error) {
    log.error({ err: error }, "the record could not be read before the plot was kept");
    return () => [];
  }
}

function shownRange(reading: Digitization | undefined): TimeRange {
  const [first, last] = [reading?.samples[0], reading?.samples.at(-1)];
  return first && last ? { startMs: first.timeMs, endMs: last.timeMs + CADENCE_MS } : { startMs: 0, endMs: 0 };
}

/** The picture is safe by now, so a cleanup that fails fails alone. */
async function cleanUpLeniently(parts: ArchiveJobParts, signal: AbortSignal): Promise<CleanedUp | undefined> {
  try {
    return await cleanUp(parts, { unasked: true, signal });
  } catch (error) {
    if (signal.aborted) parts.log.info("the cleanup was ended by the program's stop; the next one goes on");
    else parts.log.error({ err: error }, "the cleanup after archiving failed");
    return undefined;
  }
}
