/** Files that are to have a name on another disk, where neither a second name nor another one leads: these are copied. */
import { errnoOf, type FileSystem } from "./file-system.ts";
import { storedFile } from "./fs-tree.ts";
import { openToRead, readInto } from "./fs-read.ts";
import { closing, replaceFile } from "./fs-write.ts";

/** Copies a file with its time, down to the disk. */
export async function copyFile(fs: FileSystem, from: string, to: string): Promise<void> {
  const { bytes, modifiedMs } = await readWhole(fs, from);
  await replaceFile(fs, to, bytes, modifiedMs);
}

/** False also where one of them can't be read. */
export async function hasSameBytes(fs: FileSystem, ...paths: [string, string]): Promise<boolean> {
  try {
    const [one, other] = await Promise.all(paths.map((path) => readWhole(fs, path)));
    return Buffer.compare(one!.bytes, other!.bytes) === 0;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}

async function readWhole(fs: FileSystem, path: string): Promise<{ bytes: Uint8Array; modifiedMs: number }> {
  await using opened = closing(await openToRead(fs, path));
  const { size, modifiedMs } = storedFile(path, await opened.file.stat({ bigint: true }));
  const bytes = Buffer.allocUnsafeSlow(size);
  return { bytes: bytes.subarray(0, await readInto(bytes, opened.file)), modifiedMs };
}
