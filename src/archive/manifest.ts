/**
 * Manifests: what a backup held when a run ended, file by file, so that the next run need read nothing to know it.
 * Owns their form and their names; `known-manifests.ts` tells which one is in force.
 *
 * A manifest is gzipped JSON lines: a head, a line for each file, and last the sha256 of all lines before. It is never
 * encrypted, since whoever makes the next backup can't decrypt. Before a run changes anything it writes what it is about
 * to do into a `pending` manifest of the same form. These stay until the next run: where a run was stopped, or its manifest
 * is lost, they tell what may be there.
 */
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { MANIFESTS, storedKey } from "./backup-target.ts";
import { parseKey } from "./keys.ts";

/** One file of the archive and its copy. */
export interface Entry {
  /** Of the file in the archive. */
  key: string;
  /** Of the file's own bytes, as it lies in the archive. */
  size: number;
  sha256: string;
  /** Of the PNG inside of a gzipped picture, as records name it; `undefined` for all other files. */
  pngSha256?: string | undefined;
  /** Of a record that says where its picture came from: the sha256 of that PNG. Backups of before don't tell it. */
  sourceOf?: string | undefined;
  /** When the archive's file was written, as its store says. */
  modifiedMs: number;
  backedUpMs: number;
  /** `undefined` where the copy is plain. */
  stored: Encrypted | undefined;
}

/** A copy as it lies in the target, encrypted. */
export interface Encrypted {
  size: number;
  sha256: string;
  /** The age recipient that it is encrypted to; `undefined` where nobody knows. */
  recipient: string | undefined;
}

/** The first line. */
interface Head {
  version: 1;
  sequence: number;
  at: string;
  /** The age recipient that this run encrypts to, and all copies whose own lines name no other; absent: it sends plain ones. */
  recipient?: string | undefined;
  /** The sha256 of the manifest before. */
  previous?: string | undefined;
  /** Of a pending one: keys of the target that are about to be removed. */
  removing?: string[];
}

/** Each of the others: an entry, with its time as text. */
type Line = Omit<Entry, "backedUpMs" | "stored"> & { backedUpAt: string; stored?: EncryptedLine | undefined };

/** A recipient other than the head's is named, as copies for a former one may stay; `null` where nobody knows it. */
type EncryptedLine = Omit<Encrypted, "recipient"> & { recipient?: string | null };

export interface Manifest {
  /** Grows by one with each run, whatever the clock does. */
  sequence: number;
  atMs: number;
  recipient: string | undefined;
  previous: string | undefined;
  removing: readonly string[];
  entries: readonly Entry[];
}

/** Runs whose manifests are kept. */
export const KEPT_MANIFESTS = 30;

export const MAX_MANIFEST_BYTES = 256 << 20;

/** Large pieces: each is asked for by itself of another thread, and a restore waits for that. */
const INFLATING = { maxOutputLength: MAX_MANIFEST_BYTES, chunkSize: 4 << 20 };

const deflate = promisify(gzip);
const inflate = promisify(gunzip);

export function manifestKey(sequence: number, part?: number): string {
  const number = String(sequence).padStart(8, "0");
  return part === undefined ? `${MANIFESTS}/${number}.jsonl.gz` : `${MANIFESTS}/${number}-pending-${part}.jsonl.gz`;
}

/** The number of its run; 0 where it is none. */
export function sequenceOf(key: string): number {
  return Number(/^manifests\/(\d{8,})(-pending-\d+)?\.jsonl\.gz$/.exec(key)?.[1] ?? 0);
}

export function isOfManifests(key: string): boolean {
  return key.startsWith(`${MANIFESTS}/`);
}

export function isPendingKey(key: string): boolean {
  return sequenceOf(key) > 0 && key.includes("-pending-");
}

/** The number of the next run: higher than that of any manifest there is, whole or not. */
export function nextSequence(names: readonly string[]): number {
  return Math.max(0, ...names.map(sequenceOf)) + 1;
}

/** The bytes of a manifest's file, and the digest by which the next one names it. */
export async function formatManifest(manifest: Manifest): Promise<{ bytes: Uint8Array; sha256: string }> {
  const { sequence, atMs, recipient, previous, removing, entries } = manifest;
  const head: Head = {
    version: 1,
    sequence,
    at: new Date(atMs).toISOString(),
    recipient,
    previous,
    ...(removing.length > 0 && { removing: [...removing] }),
  };
  const lines = entries.map(({ backedUpMs, stored, ...same }): Line => ({
    ...same,
    backedUpAt: new Date(backedUpMs).toISOString(),
    stored: stored && formatStored(stored, recipient),
  }));
  const text = [head, ...lines].map((line) => `${JSON.stringify(line)}\n`).join("");
  const sha256 = createHash("sha256").update(text).digest("hex");
  // Level 1, since most of it is digests, which no effort makes smaller.
  return { bytes: await deflate(`${text}${JSON.stringify({ sha256 })}\n`, { level: 1 }), sha256 };
}

function formatStored({ recipient, ...same }: Encrypted, ofHead: string | undefined): EncryptedLine {
  return recipient === ofHead ? same : { ...same, recipient: recipient ?? null };
}

/** `undefined` when it isn't whole. */
export async function parseManifest(bytes: Uint8Array): Promise<(Manifest & { sha256: string }) | undefined> {
  try {
    const text = (await inflate(bytes, INFLATING)).toString();
    const end = text.lastIndexOf("\n", text.length - 2) + 1;
    const { sha256 } = JSON.parse(text.slice(end)) as { sha256?: unknown };
    if (createHash("sha256").update(text.slice(0, end)).digest("hex") !== sha256) return undefined;
    const [head, ...lines] = text.slice(0, end - 1).split("\n");
    const { recipient, ...others } = readHead(head!);
    return { ...others, recipient, entries: lines.map((line) => readEntry(line, recipient)), sha256 };
  } catch {
    return undefined; // whatever is wrong with it, it can't be relied on
  }
}

// Checked by hand, since a schema takes ten times as long over the thousands of lines that a restore waits for.

function readHead(line: string): Omit<Manifest, "entries"> {
  const { version, sequence, at, recipient, previous, removing = [] } = JSON.parse(line) as Unchecked<Head>;
  if (
    version === 1 &&
    isCount(sequence) &&
    sequence > 0 &&
    (recipient === undefined || isText(recipient)) &&
    (previous === undefined || isSha256(previous)) &&
    Array.isArray(removing) &&
    removing.every(isText)
  )
    return { sequence, atMs: instant(at), recipient, previous, removing };
  throw new TypeError("This is no head of a manifest");
}

function readEntry(line: string, recipient: string | undefined): Entry {
  const parsed = JSON.parse(line) as Unchecked<Line>;
  const { key, size, sha256, pngSha256, sourceOf, modifiedMs, backedUpAt, stored } = parsed;
  if (
    isText(key) &&
    parseKey(key) !== undefined &&
    isCount(size) &&
    isSha256(sha256) &&
    (pngSha256 === undefined || isSha256(pngSha256)) &&
    (sourceOf === undefined || isSha256(sourceOf)) &&
    typeof modifiedMs === "number"
  )
    return {
      key,
      size,
      sha256,
      pngSha256,
      sourceOf,
      modifiedMs,
      backedUpMs: instant(backedUpAt),
      stored: readStored(stored, recipient),
    };
  throw new TypeError("This is no line of a manifest");
}

function readStored(stored: unknown, ofHead: string | undefined): Encrypted | undefined {
  if (stored === undefined) return undefined;
  const { size, sha256, recipient = ofHead } = stored as Unchecked<EncryptedLine>;
  const isNamed = recipient === undefined || recipient === null || isText(recipient);
  if (isCount(size) && isSha256(sha256) && isNamed) return { size, sha256, recipient: recipient ?? undefined };
  throw new TypeError("This is no copy of a manifest");
}

type Unchecked<T> = { [name in keyof T]: unknown };

const isText = (value: unknown): value is string => typeof value === "string";
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isSha256 = (value: unknown): value is string => isText(value) && /^[0-9a-f]{64}$/.test(value);

/** @returns ms since 1970 */
function instant(value: unknown): number {
  const timeMs = isText(value) && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(timeMs)) throw new TypeError("This is no instant");
  return timeMs;
}

/** The sha256 of the PNG that a picture is, as records name it. */
export function pngOf({ sha256, pngSha256 = sha256 }: Pick<Entry, "sha256" | "pngSha256">): string {
  return pngSha256;
}

/** The key of an entry's copy, and what its bytes must be. */
export function copyOf(entry: Entry): { key: string; size: number; sha256: string } {
  const key = storedKey(entry.key, entry.stored !== undefined);
  return { key, ...(entry.stored ?? { size: entry.size, sha256: entry.sha256 }) };
}
