/**
 * The import job: takes the pictures of an old tree, or loose ones, into the archive.
 * Owns the report; each is checked and kept by the archive's own rules, and `pictures-at-hand.ts` finds them.
 */
import { sha256Of } from "../archive/reader.ts";
import type { S3Settings } from "../archive/s3-client.ts";
import type { Day } from "../model/day.ts";
import { KnownError, StoreFailed } from "../model/errors.ts";
import { checkPng } from "../model/png.ts";
import { readLeniently, type Digitizer } from "./digitizer.ts";
import { refuseFutureDay } from "./future-day.ts";
import { indexDay, type IndexParts } from "./index-day.ts";
import { asMaintenance, type MaintenanceParts } from "./maintenance.ts";
import { openPictures } from "./pictures-at-hand.ts";
import { stitchPending } from "./stitch-pending.ts";

export interface Imported {
  /** Days written, oldest first. */
  archived: Day[];
  /** Pictures that changed nothing: the archive has their very bytes, or another plot of their day, which stays. */
  unchanged: number;
  /** Those of which another plot stays: file names below the place, and why. */
  left: { file: string; reason: string }[];
  /** File names below the place, and why they were refused. */
  refused: { file: string; reason: string }[];
}

export interface ImportOptions {
  /** How a bucket is reached, where the pictures lie in one. */
  s3?: S3Settings;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/**
 * Imports every `etna_YYYYMMDD.png[.gz]` anywhere below `place`. What has such a name and is no picture of a day is
 * refused, and so is one of a day to come, and a link to one or to a folder that isn't below: none is followed. Other
 * names are none of ours.
 * @param place a folder's path, or `s3://BUCKET/PREFIX`
 * @throws {SourceUnavailable} when the place can't be read @throws {CannotStart} when there is no such bucket
 * @throws {StoreFailed} when the archive can't be written: what was imported until then stays
 */
export async function importTree(
  place: string,
  parts: IndexParts & { digitizer: Digitizer; clock: () => number },
  { s3, signal, onProgress }: ImportOptions = {},
): Promise<Imported> {
  const at = openPictures(place, s3);
  const { pictures, refused } = await at.find();
  const imported: Imported = { archived: [], unchanged: 0, left: [], refused };
  for (const [index, { file, day }] of pictures.entries()) {
    signal?.throwIfAborted();
    try {
      refuseFutureDay(day, parts.clock());
      const plot = await at.read(file, day);
      checkPng(plot.png);
      const reading = await readLeniently(plot, parts);
      const { outcome, reason, record } = await parts.archive.save(day, plot, {
        yieldsOnTie: true,
        ...(signal && { signal }),
        ...(reading && { reading }),
      });
      if (outcome === "ARCHIVED") imported.archived.push(day);
      else imported.unchanged += 1;
      if (record.picture.sha256 !== sha256Of(plot.png)) imported.left.push({ file, reason: reason! });
      await indexDay(day, parts);
    } catch (error) {
      if (!(error instanceof KnownError) || error instanceof StoreFailed) throw error;
      imported.refused.push({ file, reason: error.message });
    }
    onProgress?.(index + 1, pictures.length);
  }
  await stitchPending(parts.catalog, { signal });
  return imported;
}

/** The import with its row in the history. */
export async function importAsRun(
  place: string,
  parts: IndexParts & MaintenanceParts & { catalog: IndexParts["catalog"]; digitizer: Digitizer },
  options: ImportOptions = {},
): Promise<Imported> {
  const work = () => importTree(place, parts, options);
  const { result } = await asMaintenance("IMPORT", "COMMAND", parts, work, ({ archived, unchanged, refused }) => ({
    problems: refused.length > 0,
    summary: `${archived.length} imported, ${unchanged} unchanged, ${refused.length} refused`,
    counts: { archived: archived.length, unchanged, refused: refused.length },
  }));
  return result;
}
