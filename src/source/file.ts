/**
 * A picture at hand as a source: a PNG file, or one in gzip, that somebody kept.
 * Owns the reading of the file; whether its bytes are a whole PNG is checked by whoever keeps it.
 */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { basename } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { addDays, dayStartMs, type Day } from "../model/day.ts";
import { PlotRejected, SourceUnavailable } from "../model/errors.ts";
import type { FetchedPlot } from "../model/plot.ts";

/** As much as is taken from INGV's server. */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;

interface FileAtHand {
  bytes: Uint8Array;
  modifiedMs: number;
}

/**
 * Reads a picture for a day.
 * @throws {SourceUnavailable} when the file can't be read
 * @throws {PlotRejected} when it is larger than 8 MiB, or no gzip where its name says so
 */
export async function readPlotFile(path: string, day: Day): Promise<FetchedPlot> {
  return await plotOfFile(path, await readFileWithin(path), day);
}

/**
 * A picture for a day. It counts as fetched when the file was written, where that lies in the day; else at the day's
 * start, so that a copy made years later doesn't make its plot look stale.
 * @throws {PlotRejected} when it is no gzip of at most 8 MiB where its name says so
 */
export async function plotOfFile(path: string, { bytes, modifiedMs }: FileAtHand, day: Day): Promise<FetchedPlot> {
  const png = path.endsWith(".gz") ? await inflate(bytes) : bytes;
  const inDay = modifiedMs >= dayStartMs(day) && modifiedMs < dayStartMs(addDays(day, 1));
  const fetchedMs = inDay ? Math.floor(modifiedMs) : dayStartMs(day);
  return { png, sourceUrl: `file:${basename(path)}`, fetchedMs, version: {} };
}

async function readFileWithin(path: string): Promise<FileAtHand> {
  try {
    // Without O_NONBLOCK a named pipe would be waited for until somebody writes into it.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await file.stat();
    if (!stats.isFile()) throw new SourceUnavailable(`Cannot read ${path}: it is no file`);
    if (stats.size > MAX_FILE_BYTES)
      throw new PlotRejected(`${path} has ${stats.size} bytes, at most ${MAX_FILE_BYTES} are taken`);
    return { bytes: await file.readFile(), modifiedMs: stats.mtimeMs };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof SourceUnavailable || error instanceof PlotRejected) throw error;
    throw new SourceUnavailable(`Cannot read ${path}: ${code ?? String(error)}`, { cause: error });
  }
}

async function inflate(bytes: Uint8Array): Promise<Uint8Array> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: MAX_FILE_BYTES });
  } catch (error) {
    throw new PlotRejected("it is no whole gzip of at most 8 MiB", { cause: error });
  }
}
