/**
 * A writer in a process of its own. Saves plots of one day and says so line by line:
 * `ready`, then for each save `SEED SHA256 OUTCOME`.
 *
 *     writer-process.ts BASE NAME COUNT [DIE_AT]
 *
 * The seeds are `NAME-0`, `NAME-1`, …; every other picture is gzipped. DIE_AT: it kills itself before that call to the
 * file system, counted from its first save.
 */
import { writeSync } from "node:fs";
import { createArchive } from "../../src/archive/create-archive.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { nodeFileSystem, type FileSystem } from "../../src/archive/file-system.ts";
import { samplePlot } from "../support/sample-plot.ts";
import { torturedDay } from "./tree.ts";

const [basePath = "", name = "", count = "0", dieAt] = process.argv.slice(2);
const say = (line: string) => writeSync(1, `${line}\n`); // at once, so that what was said is out before the end

const fs = dieAt === undefined ? nodeFileSystem : dyingFileSystem(Number(dieAt));
const archive = createArchive(createFsStore({ basePath, fs }));
say("ready");
for (let at = 0; at < Number(count); at++) {
  const seed = `${name}-${at}`;
  const plot = samplePlot(seed, new Date().toISOString());
  const { outcome, record } = await archive.save(torturedDay, plot, { compress: at % 2 === 1 });
  say(`${seed} ${record.picture.sha256} ${outcome}`);
}

/** The real file system until the process dies in front of one of its calls. */
function dyingFileSystem(lastCall: number): FileSystem {
  let calls = 0;
  const watched = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(_, property) {
        const member: unknown = Reflect.get(target, property);
        if (typeof member !== "function") return member;
        return async (...args: unknown[]) => {
          if (++calls === lastCall) process.kill(process.pid, "SIGKILL");
          const result: unknown = await member.apply(target, args);
          return property === "open" ? watched(result as object) : result;
        };
      },
    });
  return watched(nodeFileSystem);
}
