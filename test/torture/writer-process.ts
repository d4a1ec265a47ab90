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
import { samplePlot } from "../support/sample-plot.ts";
import { watchedFileSystem } from "../support/watched-file-system.ts";
import { torturedDay } from "./tree.ts";

const [basePath = "", name = "", count = "0", dieAt] = process.argv.slice(2);
const say = (line: string) => writeSync(1, `${line}\n`); // at once, so that what was said is out before the end

const fs = watchedFileSystem((_name, _path, count) => {
  if (count === Number(dieAt)) process.kill(process.pid, "SIGKILL");
});
const archive = createArchive(createFsStore({ basePath, fs }));
say("ready");
for (let at = 0; at < Number(count); at++) {
  const seed = `${name}-${at}`;
  const plot = samplePlot(seed, new Date().toISOString());
  const { outcome, record } = await archive.save(torturedDay, plot, { compress: at % 2 === 1 });
  say(`${seed} ${record.picture.sha256} ${outcome}`);
}
