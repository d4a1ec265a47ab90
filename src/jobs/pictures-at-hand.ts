/**
 * Pictures at hand, for an import: below a folder, or below a prefix of a bucket.
 * Owns which names are those of pictures, and how they are found and read; whoever keeps them checks what is inside.
 */
import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseS3Url } from "../archive/create-store.ts";
import { openBucket, type S3Settings } from "../archive/s3-client.ts";
import { storeFailed, whyNever } from "../archive/s3-errors.ts";
import { listKeys } from "../archive/s3-list.ts";
import { openObjects } from "../archive/s3-objects.ts";
import { parseDay, type Day } from "../model/day.ts";
import { SourceUnavailable, StoreFailed } from "../model/errors.ts";
import type { FetchedPlot } from "../model/plot.ts";
import { MAX_FILE_BYTES, plotOfFile, readPlotFile } from "../source/file.ts";

const PICTURE_NAME = /^etna_(\d{4})(\d{2})(\d{2})\.png(?:\.gz)?$/;

export interface Found {
  /** `file` is relative to the place, with `/`; by day, and then by name. */
  pictures: { file: string; day: Day }[];
  /** Those that have such a name and can't be taken, and why. */
  refused: { file: string; reason: string }[];
}

export interface Pictures {
  /** @throws {SourceUnavailable} when the place itself can't be read @throws {CannotStart} when there is no such bucket */
  find(): Promise<Found>;
  /** @throws {SourceUnavailable} when it can't be read @throws {PlotRejected} when it is too large, or no gzip */
  read(file: string, day: Day): Promise<FetchedPlot>;
}

/** @param place a folder's path, or `s3://BUCKET/PREFIX` */
export function openPictures(place: string, s3: S3Settings = {}): Pictures {
  const bucket = parseS3Url(place);
  return bucket === undefined ? inFolder(place) : inBucket(bucket, s3);
}

function inFolder(folder: string): Pictures {
  return {
    async find() {
      const found: Found = { pictures: [], refused: [] };
      /** A folder below that can't be read is refused, and the others are looked at. */
      async function look(below: string): Promise<void> {
        for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
          const file = join(below, entry.name);
          if (entry.isDirectory())
            await look(file).catch((error: unknown) =>
              found.refused.push({ file, reason: `Cannot read it: ${codeOf(error)}` }),
            );
          else if (entry.isSymbolicLink() && (await leadsToFolder(join(folder, file)))) {
            if (!(await leadsInto(folder, file)))
              found.refused.push({ file, reason: "It is a link to a folder; links are not followed" });
          } else take(found, file, entry.isFile() ? undefined : "It is no regular file; links are not followed");
        }
      }
      try {
        await look("");
      } catch (error) {
        throw new SourceUnavailable(`Cannot read ${folder}: ${codeOf(error)}`, { cause: error });
      }
      return sorted(found);
    },
    read: (file, day) => readPlotFile(join(folder, file), day),
  };
}

function inBucket({ bucket: name, prefix }: { bucket: string; prefix: string }, s3: S3Settings): Pictures {
  const bucket = openBucket(name, s3);
  const base = prefix === "" ? "" : `${prefix}/`;
  const objects = openObjects(bucket, base);
  const unavailable = (doing: string, error: unknown): unknown => {
    const failed = storeFailed(doing, bucket.url, error);
    return failed instanceof StoreFailed ? new SourceUnavailable(failed.message, { cause: error }) : failed;
  };
  return {
    async find() {
      const found: Found = { pictures: [], refused: [] };
      try {
        for await (const { key } of listKeys(bucket, { prefix: base })) take(found, key.slice(base.length));
      } catch (error) {
        throw whyNever(name, error) ?? unavailable(`read s3://${name}/${prefix}`, error);
      }
      return sorted(found);
    },
    async read(file, day) {
      const object = await objects.read(file, MAX_FILE_BYTES).catch((error: unknown) => {
        throw unavailable(`read ${file}`, error);
      });
      if (object === undefined) throw new SourceUnavailable(`Cannot read ${file}: it is gone`);
      return await plotOfFile(file, object, day);
    },
  };
}

/** @param whyNot it can't be taken, whatever its name is */
function take({ pictures, refused }: Found, file: string, whyNot?: string): void {
  const digits = PICTURE_NAME.exec(file.split("/").at(-1)!);
  if (digits === null) return;
  const day = parseDay(digits.slice(1, 4).join("-"));
  const reason = day === undefined ? "Its name has no such day" : whyNot;
  if (day === undefined || reason !== undefined) refused.push({ file, reason: reason! });
  else pictures.push({ file, day });
}

function sorted({ pictures, refused }: Found): Found {
  return {
    pictures: pictures.toSorted((a, b) => compare(a.day, b.day) || compare(a.file, b.file)),
    refused: refused.toSorted((a, b) => compare(a.file, b.file)),
  };
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Such as where a year of an old tree was moved to another disk: what lies there is missed by nobody else. */
async function leadsToFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

/** Such as `latest` beside the days: all that lies there is found without it. */
async function leadsInto(folder: string, file: string): Promise<boolean> {
  const [base, place] = await Promise.all([folder, join(folder, file)].map((path) => realpath(path)));
  return `${place}/`.startsWith(`${base}/`);
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
