/**
 * Opening the app for a command that runs and ends.
 */
import { access, constants, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { openApp, openArchive, type App } from "../app.ts";
import type { Archive } from "../archive/archive.ts";
import type { Config } from "../config.ts";
import type { CommandContext } from "./context.ts";
import { setUp } from "./set-up.ts";

/** @param eager it reads very many files as fast as it can, and does nothing beside that */
export async function openForCommand(
  context: CommandContext,
  { eager = false } = {},
): Promise<{ app: App; config: Config }> {
  const { config, outside } = await setUp(context);
  return { app: await openApp(config, { ...outside, eager }), config };
}

/**
 * For commands that only read. Where the catalog can't be written (a read-only or full disk, another user's file), one is made
 * in memory of what the command reads in the tree: it takes longer, and answers the same.
 */
export async function openForReading(context: CommandContext): Promise<{ app: App; config: Config }> {
  const { config, outside } = await setUp(context);
  if (await canBeWritten(config.catalogPath)) return { app: await openApp(config, outside), config };
  context.say(`The catalog ${config.catalogPath} can't be written, so the archive itself is read`);
  return { app: await openApp({ ...config, catalogPath: ":memory:" }, outside), config };
}

/** SQLite keeps up to so much beside a catalog, and no more than that is new in it unless all is. */
const ROOM_BYTES = 8 << 20;

/** A file together with its folder, in which SQLite keeps two more; or the folder in which it would be made. */
async function canBeWritten(path: string): Promise<boolean> {
  const isWritable = (place: string): Promise<boolean | undefined> =>
    access(place, constants.W_OK).then(
      () => true,
      (error: unknown) => ((error as NodeJS.ErrnoException).code === "ENOENT" ? undefined : false),
    );
  if ((await isWritable(path)) === false) return false;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const answer = await isWritable(folder);
    if (answer === true) return await hasRoom(folder);
    if (answer === false || folder === dirname(folder)) return false;
  }
}

/** A disk that doesn't tell its size is tried. */
async function hasRoom(path: string): Promise<boolean> {
  const { blocks, bavail, bsize } = await statfs(path);
  return blocks === 0 || bavail * bsize >= ROOM_BYTES;
}

/** For commands that need no catalog, and so nothing that can be written. */
export async function openArchiveForCommand(context: CommandContext): Promise<Archive> {
  const { config, outside } = await setUp(context);
  return await openArchive(config, outside);
}
