/**
 * Listing a bucket's keys: they come in ascending order alone, a page of a thousand at most, from any point on.
 * Owns how a range of days is asked for with as few requests as there are pages in it.
 */
import type { ListObjectsV2CommandOutput } from "@aws-sdk/client-s3";
import { daysBetween, type Day } from "../model/day.ts";
import { dayFolder, parseKey } from "./keys.ts";
import type { S3Bucket } from "./s3-client.ts";
import type { Order, StoredFile } from "./store.ts";

/** Keys of a day at most. */
const KEYS_A_DAY = 3;
const PAGE = 1000;
/** A page comes within a second, or the store is in trouble, which those who follow it should hear soon. */
const PAGE_LIMIT_MS = 10_000;

export interface Listed {
  /** As the bucket has it, prefix included. */
  key: string;
  size: number;
  modifiedMs: number;
}

export interface KeyRange {
  prefix: string;
  /** The first key listed comes after this one. */
  after?: string;
  /** Keys that are asked for at once. */
  page?: number;
  /** How each page is asked for. */
  insist?: boolean;
  totalMs?: number;
  signal?: AbortSignal | undefined;
}

/** Keys in ascending order; a page is asked for when the one before has been taken. */
export async function* listKeys(bucket: S3Bucket, range: KeyRange): AsyncGenerator<Listed> {
  for await (const { Contents = [] } of pagesOf(bucket, range))
    for (const { Key, Size = 0, LastModified } of Contents)
      if (Key !== undefined) yield { key: Key, size: Size, modifiedMs: wholeSeconds(LastModified) };
}

/** @param delimiter behind which keys are told as one, by what they have before it in common */
async function* pagesOf(
  bucket: S3Bucket,
  { prefix, after, page = PAGE, totalMs = PAGE_LIMIT_MS, ...options }: KeyRange,
  delimiter?: string,
): AsyncGenerator<ListObjectsV2CommandOutput> {
  let token: string | undefined;
  do {
    const input = {
      Bucket: bucket.name,
      Prefix: prefix,
      MaxKeys: page,
      Delimiter: delimiter,
      ...(token === undefined ? { StartAfter: after } : { ContinuationToken: token }),
    };
    const answer = await bucket.request(
      (sdk, client, abortSignal) => client.send(new sdk.ListObjectsV2Command(input), { abortSignal }),
      { totalMs, ...options },
    );
    yield answer;
    token = answer.IsTruncated ? answer.NextContinuationToken : undefined;
  } while (token !== undefined);
}

/**
 * The files of ours of the days from `from` to `to`. Newest first goes year by year backwards, since a store can't
 * list that way: one request for the years there are, and then as many as each year has pages.
 * @param base of all keys, with a slash at its end, or empty
 */
export async function* listFiles(
  bucket: S3Bucket,
  base: string,
  from: Day,
  to: Day,
  order: Order,
): AsyncIterable<StoredFile> {
  if (from > to) return;
  if (order === "oldest-first") return yield* ascending(bucket, base, from, to);
  const [first, last] = [from.slice(0, 4), to.slice(0, 4)];
  const years = first === last ? [first] : await yearsOf(bucket, base, first, last);
  for (const year of years.reverse()) {
    const start = year === first ? from : (`${year}-01-01` as Day);
    const end = year === last ? to : (`${year}-12-31` as Day);
    // Within a day the order stays as it is.
    const days = Object.values(
      Object.groupBy(await Array.fromAsync(ascending(bucket, base, start, end)), ({ key }) => key.slice(0, 10)),
    );
    for (const files of days.reverse()) yield* files!;
  }
}

async function* ascending(bucket: S3Bucket, base: string, from: Day, to: Day): AsyncIterable<StoredFile> {
  const last = `${dayFolder(to)}/`;
  const range = { prefix: base + commonFolder(dayFolder(from), dayFolder(to)), after: `${base}${dayFolder(from)}/` };
  for await (const { key, ...file } of listKeys(bucket, { ...range, page: pageFor(from, to) })) {
    const ours = key.slice(base.length);
    if (ours > last && !ours.startsWith(last)) return;
    if (parseKey(ours) !== undefined) yield { key: ours, ...file };
  }
}

/** What both days' folders begin with, to the last slash: `2025/11/` for two days of a November. */
function commonFolder(from: string, to: string): string {
  if (from === to) return `${from}/`;
  for (const length of [8, 5]) if (from.slice(0, length) === to.slice(0, length)) return from.slice(0, length);
  return "";
}

/** No more than the range can hold, and one to see its end: a short range shouldn't cost a whole page. */
function pageFor(from: Day, to: Day): number {
  return Math.min(PAGE, (daysBetween(from, to) + 1) * KEYS_A_DAY + 1);
}

/** Years that have keys, ascending. */
async function yearsOf(bucket: S3Bucket, base: string, first: string, last: string): Promise<string[]> {
  const years: string[] = [];
  for await (const { CommonPrefixes = [] } of pagesOf(bucket, { prefix: base, after: base + first }, "/")) {
    const folders = CommonPrefixes.map(({ Prefix = "" }) => Prefix.slice(base.length, -1));
    years.push(...folders.filter((name) => /^\d{4}$/.test(name) && name >= first && name <= last));
  }
  return years;
}

/** A HEAD tells whole seconds alone, so what a list knows beyond them is left out: one file has one time. */
export function wholeSeconds(modified: Date | undefined): number {
  return Math.floor((modified?.getTime() ?? 0) / 1000) * 1000;
}
