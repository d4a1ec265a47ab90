/** A process that takes the lock of a tree, says `locked`, and keeps it until it is killed. */
import { writeSync } from "node:fs";
import { createFsStore } from "../../src/archive/fs-store.ts";

const [basePath = ""] = process.argv.slice(2);
const forever = Promise.withResolvers<never>();
// A promise alone keeps no process alive, nor what waits for it: that would be collected, and the lock with it.
setInterval(() => forever, 60_000);
await createFsStore({ basePath }).exclusively(() => {
  writeSync(1, "locked\n");
  return forever.promise;
});
