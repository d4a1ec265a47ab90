/**
 * A backup in a process of its own. Says `ready`, then `sent KEY TIME` for each file of the archive that it wrote (the
 * time of the archive's file), last `done`.
 *
 *     backup-process.ts BASE COPY RECIPIENT|plain [DIE_AT]
 *
 * DIE_AT: it kills itself before that call to the target's file system.
 */
import { writeSync } from "node:fs";
import { createCipher } from "../../src/archive/age.ts";
import { createFolderTarget } from "../../src/archive/folder-target.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { mirror } from "../../src/archive/mirror.ts";
import { watchedFileSystem } from "../support/watched-file-system.ts";

const [basePath = "", path = "", recipient = "plain", dieAt] = process.argv.slice(2);
const say = (line: string) => writeSync(1, `${line}\n`); // at once, so that what was said is out before the end

const fs = watchedFileSystem((_name, _path, count) => {
  if (count === Number(dieAt)) process.kill(process.pid, "SIGKILL");
});
const target = createFolderTarget({ path, fs });
say("ready");
await mirror(
  createFsStore({ basePath }),
  {
    ...target,
    async write(key, bytes, modifiedMs) {
      await target.write(key, bytes, modifiedMs);
      if (!key.startsWith("manifests/")) say(`sent ${key} ${modifiedMs}`);
    },
  },
  { cipher: recipient === "plain" ? undefined : createCipher(recipient) },
);
say("done");
