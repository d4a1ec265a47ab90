/**
 * The file system as the file store sees it: the few functions of node:fs/promises that it calls, so that a test can
 * hand in one that fails. Owns the translation of their errors into `StoreFailed`.
 */
import * as fs from "node:fs/promises";
import { getSystemErrorMap } from "node:util";
import { StoreFailed } from "../model/errors.ts";

export interface FileStat {
  isFile(): boolean;
  isDirectory(): boolean;
  /** With the device, the same for all names of a file. */
  ino: bigint;
  dev: bigint;
  size: bigint;
  mtimeNs: bigint;
}

export interface OpenFile {
  stat(options: { bigint: true }): Promise<FileStat>;
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
  write(buffer: Uint8Array, offset: number, length: number): Promise<{ bytesWritten: number }>;
  /** Both in seconds since 1970. */
  utimes(accessed: number, modified: number): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface FolderEntry {
  name: string;
  isFile(): boolean;
  isDirectory(): boolean;
}

export interface FileSystem {
  open(path: string, flags: number, mode?: number): Promise<OpenFile>;
  lstat(path: string, options: { bigint: true }): Promise<FileStat>;
  readdir(path: string, options: { withFileTypes: true }): Promise<FolderEntry[]>;
  mkdir(path: string, mode: number): Promise<unknown>;
  rename(from: string, to: string): Promise<void>;
  link(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  rmdir(path: string): Promise<void>;
  statfs(path: string): Promise<{ bavail: number; bsize: number }>;
}

export const nodeFileSystem: FileSystem = fs;

/** Codes of the system's errors, such as ENOENT, and its own words for them. */
const SYSTEM_ERRORS: ReadonlyMap<string, string> = new Map(getSystemErrorMap().values());

/** The code of a system error; `undefined` for anything else. */
export function errnoOf(error: unknown): string | undefined {
  // Only the code is always there: some of Deno's errors have no `errno`.
  const { code } = error as NodeJS.ErrnoException;
  return error instanceof Error && code !== undefined && SYSTEM_ERRORS.has(code) ? code : undefined;
}

/** Is it a system error of one of these codes? */
export function isErrno(error: unknown, ...codes: string[]): boolean {
  const code = errnoOf(error);
  return code !== undefined && codes.includes(code);
}

/** Is it how a share says that it knows no sync of folders? Then it sees to the names in them by itself. */
export function isSyncUnknown(error: unknown): boolean {
  return isErrno(error, "EINVAL", "ENOTSUP");
}

/**
 * A system error as StoreFailed; anything else as it is.
 * @param doing what was tried with which file, relative to the base: `write 2025/11/04/etna_20251104.png`
 */
export function storeFailed(doing: string, path: string, error: unknown): unknown {
  const errno = errnoOf(error);
  if (errno === undefined) return error;
  // The error's message would do, but it names the whole path.
  return new StoreFailed(`Cannot ${doing}: ${SYSTEM_ERRORS.get(errno)} (${errno})`, { path, errno, cause: error });
}

/** Does what doesn't leave this thread. Its system errors rise as StoreFailed. */
export function attemptNow<T>(doing: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storeFailed(doing, path, error);
  }
}
