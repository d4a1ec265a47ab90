/** The pictures beside the repository, which a clone of it alone doesn't have. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The path of a file under `../shared`; `undefined` where there is none, and its test is skipped. */
export function sharedPath(name: string): string | undefined {
  return ["../../../shared/", "../../../../shared/"]
    .map((folder) => fileURLToPath(new URL(folder + name, import.meta.url)))
    .find((path) => existsSync(path));
}
