/** Reading an open file to its end. */
import type { OpenFile } from "./file-system.ts";

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
