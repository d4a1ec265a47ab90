/**
 * The import job: takes the pictures of an old tree, or loose ones, into the archive.
 * Owns finding them and the report; each is checked and kept by the archive's own rules.
 */
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { parseDay, type Day } from "../model/day.ts";
import { KnownError, SourceUnavailable, StoreFailed } from "../model/errors.ts";
import { checkPng } from "../model/png.ts";
import { readPlotFile } from "../source/file.ts";
import { readLeniently, type Digitizer } from "./digitizer.ts";
import { indexDay, type IndexParts } from "./index-day.ts";
import { stitchPending } from "./stitch-pending.ts";

export interface Imported {
  /** Days written, oldest first. */
  archived: Day[];
  /** Pictures that changed nothing: the same bytes, or an older plot than the archive has. */
  unchanged: number;
  /** File names below the folder, and why they were refused. */
  refused: { file: string; reason: string }[];
}

export interface ImportOptions {
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/**
 * Imports every `etna_YYYYMMDD.png[.gz]` anywhere below `folder`; links are not followed.
 * @throws {SourceUnavailable} when the folder can't be read
 * @throws {StoreFailed} when the archive can't be written: what was imported until then stays
 */
export async function importTree(
  folder: string,
  parts: IndexParts & { digitizer: Digitizer },
  { signal, onProgress }: ImportOptions = {},
): Promise<Imported> {
  const found = await findPictures(folder);
  const imported: Imported = { archived: [], unchanged: 0, refused: [] };
  for (const [index, { path, day }] of found.entries()) {
    signal?.throwIfAborted();
    try {
      const plot = await readPlotFile(path, day);
      checkPng(plot.png);
      const reading = await readLeniently(plot, parts);
      const { outcome } = await parts.archive.save(day, plot, reading ? { reading } : {});
      if (outcome === "ARCHIVED") imported.archived.push(day);
      else imported.unchanged += 1;
      await indexDay(day, parts);
    } catch (error) {
      if (!(error instanceof KnownError) || error instanceof StoreFailed) throw error;
      imported.refused.push({ file: relative(folder, path), reason: error.message });
    }
    onProgress?.(index + 1, found.length);
  }
  await stitchPending(parts.catalog, { signal });
  return imported;
}

async function findPictures(folder: string): Promise<{ path: string; day: Day }[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => ({ path: join(entry.parentPath, entry.name), day: dayOfName(entry.name) }))
      .filter((picture): picture is { path: string; day: Day } => picture.day !== undefined)
      .sort((a, b) => (a.day === b.day ? (a.path < b.path ? -1 : 1) : a.day < b.day ? -1 : 1));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SourceUnavailable(`Cannot read ${folder}: ${code ?? String(error)}`, { cause: error });
  }
}

function dayOfName(name: string): Day | undefined {
  const digits = /^etna_(\d{4})(\d{2})(\d{2})\.png(\.gz)?$/.exec(name);
  return digits ? parseDay(digits.slice(1, 4).join("-")) : undefined;
}
