/**
 * The import job: takes the pictures of an old tree, or loose ones, into the archive.
 * Owns finding them and the report; each is checked and kept by the archive's own rules.
 */
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { sha256Of } from "../archive/reader.ts";
import { parseDay, type Day } from "../model/day.ts";
import { KnownError, SourceUnavailable, StoreFailed } from "../model/errors.ts";
import { checkPng } from "../model/png.ts";
import { readPlotFile } from "../source/file.ts";
import { readLeniently, type Digitizer } from "./digitizer.ts";
import { indexDay, type IndexParts } from "./index-day.ts";
import { asMaintenance, type MaintenanceParts } from "./maintenance.ts";
import { stitchPending } from "./stitch-pending.ts";

const PICTURE_NAME = /^etna_(\d{4})(\d{2})(\d{2})\.png(?:\.gz)?$/;

export interface Imported {
  /** Days written, oldest first. */
  archived: Day[];
  /** Pictures that changed nothing: the archive has their very bytes, or another plot of their day, which stays. */
  unchanged: number;
  /** Those of which another plot stays: file names below the folder, and why. */
  left: { file: string; reason: string }[];
  /** File names below the folder, and why they were refused. */
  refused: { file: string; reason: string }[];
}

export interface ImportOptions {
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/**
 * Imports every `etna_YYYYMMDD.png[.gz]` anywhere below `folder`. What has such a name and is no picture of a day is
 * refused, and so is a link: none is followed. Other names are none of ours.
 * @throws {SourceUnavailable} when the folder can't be read
 * @throws {StoreFailed} when the archive can't be written: what was imported until then stays
 */
export async function importTree(
  folder: string,
  parts: IndexParts & { digitizer: Digitizer },
  { signal, onProgress }: ImportOptions = {},
): Promise<Imported> {
  const { pictures, refused } = await findPictures(folder);
  const imported: Imported = { archived: [], unchanged: 0, left: [], refused };
  for (const [index, { path, day }] of pictures.entries()) {
    signal?.throwIfAborted();
    try {
      const plot = await readPlotFile(path, day);
      checkPng(plot.png);
      const reading = await readLeniently(plot, parts);
      const options = { yieldsOnTie: true, ...(reading && { reading }) };
      const { outcome, reason, record } = await parts.archive.save(day, plot, options);
      if (outcome === "ARCHIVED") imported.archived.push(day);
      else imported.unchanged += 1;
      if (record.picture.sha256 !== sha256Of(plot.png))
        imported.left.push({ file: relative(folder, path), reason: reason! });
      await indexDay(day, parts);
    } catch (error) {
      if (!(error instanceof KnownError) || error instanceof StoreFailed) throw error;
      imported.refused.push({ file: relative(folder, path), reason: error.message });
    }
    onProgress?.(index + 1, pictures.length);
  }
  await stitchPending(parts.catalog, { signal });
  return imported;
}

/** The import with its row in the history. */
export async function importAsRun(
  folder: string,
  parts: IndexParts & MaintenanceParts & { catalog: IndexParts["catalog"]; digitizer: Digitizer },
  options: ImportOptions = {},
): Promise<Imported> {
  const work = () => importTree(folder, parts, options);
  const { result } = await asMaintenance("IMPORT", "COMMAND", parts, work, ({ archived, unchanged, refused }) => ({
    problems: refused.length > 0,
    summary: `${archived.length} imported, ${unchanged} unchanged, ${refused.length} refused`,
    counts: { archived: archived.length, unchanged, refused: refused.length },
  }));
  return result;
}

interface Found {
  pictures: { path: string; day: Day }[];
  refused: Imported["refused"];
}

/** @throws {SourceUnavailable} when the folder itself can't be read; one below it is refused, and the others are taken */
async function findPictures(folder: string): Promise<Found> {
  const found: Found = { pictures: [], refused: [] };

  async function look(below: string): Promise<void> {
    for (const entry of await readdir(below, { withFileTypes: true })) {
      const path = join(below, entry.name);
      const refuse = (reason: string): void => void found.refused.push({ file: relative(folder, path), reason });
      const digits = PICTURE_NAME.exec(entry.name);
      if (entry.isDirectory()) await look(path).catch((error: unknown) => refuse(`Cannot read it: ${codeOf(error)}`));
      else if (digits !== null) {
        const day = parseDay(digits.slice(1, 4).join("-"));
        if (day === undefined) refuse("Its name has no such day");
        else if (!entry.isFile()) refuse("It is no regular file; links are not followed");
        else found.pictures.push({ path, day });
      }
    }
  }

  try {
    await look(folder);
  } catch (error) {
    throw new SourceUnavailable(`Cannot read ${folder}: ${codeOf(error)}`, { cause: error });
  }
  found.pictures.sort((a, b) => (a.day === b.day ? (a.path < b.path ? -1 : 1) : a.day < b.day ? -1 : 1));
  found.refused.sort((a, b) => (a.file < b.file ? -1 : 1));
  return found;
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
