/** A process that takes the lock of a tree, says `locked`, and keeps it until it is killed. */
import { writeSync } from "node:fs";
import { createFsStore } from "../../src/archive/fs-store.ts";

const [basePath = ""] = process.argv.slice(2);
setInterval(() => {}, 60_000); // a promise alone keeps no process alive
await createFsStore({ basePath }).exclusively(() => {
  writeSync(1, "locked\n");
  return new Promise(() => {});
});
