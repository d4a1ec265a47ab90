/**
 * Writing one file so that it is either the old one or the new one, whole, whenever the power goes.
 * Owns temporary names, permissions and the order of the syncs.
 */
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { dirname } from "node:path";
import { isErrno, isSyncUnknown, type FileSystem, type OpenFile } from "./file-system.ts";

const FILE_MODE = 0o644;
const FOLDER_MODE = 0o755;

/** Random where it begins, since threads have one process id; then counted, as that is some times faster. */
let lastName = randomBytes(6).readUIntBE(0, 6);

/** A name for a file that will get the name of `path`, in the same folder. */
export function temporaryPath(path: string): string {
  lastName = (lastName + 1) % 2 ** 48;
  const digits = lastName.toString(16).padStart(12, "0");
  const at = path.lastIndexOf("/") + 1;
  const name = path.slice(path[at] === "." ? at + 1 : at);
  return `${path.slice(0, at)}.${name}.${process.pid}.${digits}.tmp`;
}

/**
 * Puts `bytes` under the name of `path`, whose folder is there. Rejects with the system's own error; then the old
 * file stands, or the new one where only the folder's sync failed.
 * @param isSynced false for what a power cut may take
 */
export async function replaceFile(
  fs: FileSystem,
  path: string,
  bytes: Uint8Array,
  modifiedMs: number,
  isSynced = true,
): Promise<void> {
  const temporary = temporaryPath(path);
  try {
    await writeNewFile(fs, temporary, bytes, modifiedMs, isSynced);
    await fs.rename(temporary, path);
  } catch (error) {
    await fs.unlink(temporary).catch(() => {}); // what went wrong first is what counts; a sweep finds the rest
    throw error;
  }
  if (isSynced) await syncFolder(fs, dirname(path));
}

/** Gives a file another name, which is free, in a folder that is there. After that the new name survives a power cut. */
export async function moveFile(fs: FileSystem, from: string, to: string): Promise<void> {
  await fs.rename(from, to);
  await syncFolder(fs, dirname(to));
  await syncFolder(fs, dirname(from));
}

/** Gives a file a second name, which is free. False where it can't have two. */
export async function linkFile(fs: FileSystem, from: string, to: string): Promise<boolean> {
  try {
    await fs.link(from, to);
  } catch (error) {
    if (isErrno(error, "EPERM", "EACCES", "ENOTSUP", "ENOSYS", "EMLINK")) return false;
    throw error;
  }
  await syncFolder(fs, dirname(to));
  return true;
}

/** Writes a file that isn't there yet, down to the disk where `isSynced`. */
export async function writeNewFile(
  fs: FileSystem,
  path: string,
  bytes: Uint8Array,
  modifiedMs: number,
  isSynced = true,
): Promise<void> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  await using opened = closing(await fs.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, FILE_MODE));
  const { file } = opened;
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at);
    if (bytesWritten === 0) throw Object.assign(new Error("EIO: nothing was written"), { code: "EIO" });
    at += bytesWritten;
  }
  // Half a microsecond more, since seconds as a float would fall below the millisecond that is meant.
  const seconds = (modifiedMs + 0.0005) / 1000;
  await file.utimes(seconds, seconds);
  if (isSynced) await file.sync();
}

/** Can files be written in a folder right now? Rejects with the system's own error that says why not. */
export async function tryWriting(fs: FileSystem, folder: string, nowMs: number): Promise<void> {
  const probe = temporaryPath(`${folder}/.etna-archive.probe`);
  try {
    // Some bytes, since a full disk often still has room for a name.
    await writeNewFile(fs, probe, new Uint8Array(4096), nowMs);
  } finally {
    await fs.unlink(probe).catch(() => {});
  }
}

/**
 * Makes a folder and those above it that aren't there, each of them down to the disk.
 * @param triesLeft another process may prune what was just made; where a link leads nowhere, no number of tries helps
 */
export async function makeFolder(fs: FileSystem, path: string, triesLeft = 3): Promise<void> {
  try {
    await fs.mkdir(path, FOLDER_MODE);
  } catch (error) {
    if (isErrno(error, "EEXIST")) return;
    if (!isErrno(error, "ENOENT") || dirname(path) === path || triesLeft === 0) throw error;
    await makeFolder(fs, dirname(path));
    return await makeFolder(fs, path, triesLeft - 1);
  }
  await syncFolder(fs, dirname(path));
}

/** After this the names in a folder survive a power cut, as far as the file system can see to that. */
async function syncFolder(fs: FileSystem, path: string): Promise<void> {
  await using opened = closing(await fs.open(path, constants.O_RDONLY | constants.O_DIRECTORY));
  await opened.file.sync().catch((error: unknown) => {
    if (!isSyncUnknown(error)) throw error;
  });
}

/** Closes at the end of the block. A failure of that is passed over: after a sync, nothing is left to lose. */
export function closing(file: OpenFile): AsyncDisposable & { file: OpenFile } {
  return { file, [Symbol.asyncDispose]: () => file.close().catch(() => {}) };
}
