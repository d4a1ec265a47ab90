/** The `.env` file of the working folder: settings by name. */
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import { storeFailed } from "../archive/file-system.ts";

/** @throws {StoreFailed} where there is one and it can't be read: without it, a command would be about another archive */
export function readEnvFile(): Record<string, string | undefined> {
  try {
    // A folder of that name is some other tool's.
    const isThere = statSync(".env", { throwIfNoEntry: false })?.isFile();
    return isThere ? parseEnv(readFileSync(".env", "utf8")) : {};
  } catch (error) {
    // Asked for no sooner, as a working folder that was removed has no path.
    throw storeFailed("read .env", resolve(".env"), error);
  }
}
