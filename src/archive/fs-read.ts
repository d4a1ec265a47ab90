/** Opening files to read them, and reading them to their end. */
import { constants } from "node:fs";
import { isErrno, type FileSystem, type OpenFile } from "./file-system.ts";

/** A link isn't followed. Whether it is a file, its stat tells. */
export function openToRead(fs: FileSystem, path: string): Promise<OpenFile> {
  // Without O_NONBLOCK, opening a named pipe would wait for its other end.
  return fs.open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
}

/** The same; `undefined` where nothing has that name that could be read. */
export async function openIfThere(fs: FileSystem, path: string): Promise<OpenFile | undefined> {
  try {
    return await openToRead(fs, path);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "ELOOP", "ENXIO")) return undefined;
    throw error;
  }
}

/** Fills `bytes` from the file's start. @returns how many there were: less than asked for where the file is shorter by now */
export async function readInto(bytes: Uint8Array, file: OpenFile): Promise<number> {
  let at = 0;
  while (at < bytes.length) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return at;
}
