/** What a disk does to a file beside flipping a bit in it: sectors lost or written elsewhere, ends cut off, files mixed up. */
import { readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";

const SECTORS = [512, 4096];

/** What becomes of a file's bytes. @param other another file of that kind */
const KINDS: Record<string, (bytes: Buffer, other: Buffer) => Buffer> = {
  "a sector of zeros": (bytes) => withSector(bytes, Buffer.alloc(0)),
  "a sector of another file": (bytes, other) => withSector(bytes, other),
  "cut off at a sector": (bytes) => bytes.subarray(0, pickSector(bytes.length).at),
  emptied: () => Buffer.alloc(0),
  "with bytes behind its end": (bytes) => Buffer.concat([bytes, Buffer.alloc(512, 65)]),
  "another file of that kind": (_, other) => other,
};

/** Damages a file in one of these ways, at random, and leaves its time as it was: the disk doesn't say so. @returns how */
export async function damageRandomly(base: string, file: string, files: readonly string[]): Promise<string> {
  const path = join(base, file);
  const { atime, mtime } = await stat(path);
  const others = files.filter((one) => one !== file && kindOf(one) === kindOf(file));
  const [bytes, other] = await Promise.all([path, join(base, pick(others))].map((one) => readFile(one)));
  const name = pick(Object.keys(KINDS));
  const damaged = KINDS[name]!(bytes!, other!);
  // Such as zeros in the place of zeros.
  if (damaged.equals(bytes!)) return await damageRandomly(base, file, files);
  await writeFile(path, damaged);
  await utimes(path, atime, mtime);
  return name;
}

function withSector(bytes: Buffer, from: Buffer): Buffer {
  const { at, size } = pickSector(bytes.length);
  const damaged = Buffer.from(bytes);
  damaged.fill(0, at, Math.min(at + size, bytes.length));
  damaged.set(from.subarray(at, Math.min(at + size, bytes.length)), at);
  return damaged;
}

function pickSector(length: number): { at: number; size: number } {
  const size = pick(SECTORS);
  return { at: size * Math.floor(Math.random() * Math.ceil(length / size)), size };
}

const kindOf = (file: string): string => file.slice(file.indexOf("."));

function pick<T>(from: readonly T[]): T {
  return from[Math.floor(Math.random() * from.length)]!;
}
