/**
 * The record's form on disk: JSON that people can read too, with instants in RFC 3339 and the samples as columns.
 *
 * A field that this version doesn't know is ignored, and lost when the record is written again: whoever adds one that
 * an older program must not drop raises `RECORD_VERSION`. A record of a higher version is refused by reading.
 */
import { z } from "zod";
import type { Day } from "../model/day.ts";
import { ArchiveDamaged } from "../model/errors.ts";
import type { Digitization, PlotVersion } from "../model/plot.ts";
import { CADENCE_MS, type Sample } from "../model/series.ts";
import { Calibration, RecordFile, type Range, type Reading, type Run } from "./record-form.ts";
import { checkSeal, sealed } from "./record-seal.ts";
import { RECORD_VERSION, type DayRecord, type RecordHead } from "./record.ts";

/** A day's plot shows about 1,000 samples, in some 16 kB of JSON. */
export const MAX_RECORD_BYTES = 4 << 20;

/** Six digits for mV and three for the uncertainty are far below what a pixel can tell (1.7 %). */
const RMS_DIGITS = 6;
const UNCERTAINTY_DIGITS = 3;

/** Of any version. */
const Versioned = z.object({ version: z.int().optional() }).catch({});

/** A record as it lies on disk; times are rounded to the millisecond, samples to the digits above. */
export function formatRecord({ day, picture, source, stale, reading }: DayRecord): Uint8Array {
  const file: z.input<typeof RecordFile> = {
    version: RECORD_VERSION,
    day,
    picture,
    source: source && { url: source.url, fetchedAt: instant(source.fetchedMs), ...source.version },
    stale,
    reading: reading && formatReading(reading),
  };
  return sealed(Buffer.from(`${JSON.stringify(file)}\n`));
}

/** @throws {ArchiveDamaged} when the bytes aren't a record of that day, or one of a newer version */
export function parseRecord(day: Day, bytes: Uint8Array): DayRecord {
  const content = parseJson(day, bytes);
  const { version } = Versioned.parse(content);
  const seal = checkSeal(bytes);
  // A seal that is whole under this version's number says that the number alone was damaged.
  if (version !== undefined && version > RECORD_VERSION && seal !== "WHOLE") throw new NewerRecord(day, version);
  if (seal === "BROKEN") throw new ArchiveDamaged(day, "its record isn't as it was written: its checksum differs");
  const parsed = RecordFile.safeParse(content);
  if (!parsed.success) throw new ArchiveDamaged(day, `its record has ${issueOf(parsed.error)}`);
  const record = toRecord(parsed.data);
  if (record.day !== day) throw new OtherDaysRecord(day, record);
  return record;
}

/** Comes before the reading, the last member. Within a string it can't be: there a quote follows a backslash. */
const READING_MEMBER = `,"reading":`;

/**
 * The head of a record whose seal says that these are the bytes that a program of ours wrote. Nothing else is looked
 * at, which takes a twentieth of the time that `parseRecord` needs. `undefined` where the seal can't tell.
 */
export function readSealedHead(day: Day, bytes: Uint8Array): RecordHead | undefined {
  if (checkSeal(bytes) !== "WHOLE") return undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = text.indexOf(READING_MEMBER);
  const head = end === -1 ? text.toString() : `${text.toString("utf8", 0, end)}}`;
  const { version, source, picture, stale, ...rest } = JSON.parse(head) as z.input<typeof RecordFile>;
  if (rest.day !== day || version !== RECORD_VERSION) return undefined;
  return toHead({ day, picture, stale, source: source && { ...source, fetchedAt: Date.parse(source.fetchedAt) } });
}

function toRecord({ reading, ...head }: z.output<typeof RecordFile>): DayRecord {
  return { ...toHead(head), reading: reading && parseReading(reading) };
}

type HeadFields = Pick<z.output<typeof RecordFile>, "day" | "picture" | "source" | "stale">;

function toHead({ day, picture, source, stale }: HeadFields): RecordHead {
  return {
    day,
    picture,
    source: source && { url: source.url, fetchedMs: source.fetchedAt, version: versionOf(source) },
    stale,
  };
}

/** A record that a newer program wrote. It is refused, and never overwritten while its picture stays. */
export class NewerRecord extends ArchiveDamaged {
  constructor(day: Day, version: number) {
    super(day, `its record has version ${version}, need at most ${RECORD_VERSION}`);
  }
}

/** The whole record of another day, as where all files of that day were copied over this one's. */
export class OtherDaysRecord extends ArchiveDamaged {
  readonly record: DayRecord;

  constructor(day: Day, record: DayRecord) {
    super(day, `its record is of ${record.day}`);
    this.record = record;
  }
}

function parseJson(day: Day, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ArchiveDamaged(day, "its record isn't JSON", { cause });
  }
}

function issueOf(error: z.ZodError): string {
  const [issue] = error.issues;
  return `a wrong ${issue?.path.join(".") || "form"}: ${issue?.message}`;
}

function versionOf({
  etag,
  lastModified,
}: {
  etag?: string | undefined;
  lastModified?: string | undefined;
}): PlotVersion {
  return { ...(etag !== undefined && { etag }), ...(lastModified !== undefined && { lastModified }) };
}

function formatReading(reading: Digitization): z.input<typeof Reading> {
  const { version, window, samples, gaps, joins, ...same } = reading;
  return {
    digitizerVersion: version,
    ...same,
    // In the form's own order, so that what is read anew gives the same bytes as what was read and saved.
    calibration: same.calibration && Calibration.parse(same.calibration),
    window: window && range(window),
    samples: toRuns(samples),
    gaps: gaps.map(range),
    joins: joins.map(({ startMs, endMs, startMv, endMv }) => ({ ...range({ startMs, endMs }), startMv, endMv })),
  };
}

function parseReading({ digitizerVersion, samples, ...same }: z.output<typeof Reading>): Digitization {
  const { station, title, calibration, window, fidelity } = same;
  return {
    ...same,
    version: digitizerVersion,
    station,
    title,
    calibration,
    window,
    fidelity,
    samples: fromRuns(samples),
  };
}

function toRuns(samples: readonly Sample[]): z.input<typeof Run>[] {
  const runs: (z.input<typeof Run> & { clipped: number[] })[] = [];
  let nextMs: number | undefined;
  for (const { timeMs, rmsMv, uncertaintyDecades, clipped } of samples) {
    if (timeMs !== nextMs) runs.push({ start: instant(timeMs), rmsMv: [], uncertaintyDecades: [], clipped: [] });
    const run = runs.at(-1)!;
    if (clipped) run.clipped.push(run.rmsMv.length);
    run.rmsMv.push(rounded(rmsMv, RMS_DIGITS));
    run.uncertaintyDecades.push(rounded(uncertaintyDecades, UNCERTAINTY_DIGITS));
    nextMs = timeMs + CADENCE_MS;
  }
  return runs.map(({ clipped, ...run }) => (clipped.length > 0 ? { ...run, clipped } : run));
}

/** In plain loops: a record holds a thousand samples, and a rebuild or a verification reads thousands of records. */
function fromRuns(runs: readonly z.output<typeof Run>[]): Sample[] {
  const samples: Sample[] = [];
  for (const { start, rmsMv, uncertaintyDecades, clipped = [] } of runs) {
    const out = new Set(clipped);
    for (let at = 0; at < rmsMv.length; at++)
      samples.push({
        timeMs: start + at * CADENCE_MS,
        rmsMv: rmsMv[at]!,
        clipped: out.size > 0 && out.has(at),
        uncertaintyDecades: uncertaintyDecades[at]!,
      });
  }
  return samples;
}

function rounded(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}

function instant(timeMs: number): string {
  return new Date(Math.round(timeMs)).toISOString();
}

function range({ startMs, endMs }: { startMs: number; endMs: number }): z.input<typeof Range> {
  return { start: instant(startMs), end: instant(endMs) };
}
