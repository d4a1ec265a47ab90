/**
 * Everything that a server and its commands do to the disk, at random and without end, in a process of its own. Says
 * `ready`, then before each piece of work its name, and after a save `saved DAY SHA256`.
 *
 *     worker-process.ts FOLDER SEED
 */
import { writeSync } from "node:fs";
import { openApp } from "../../src/app.ts";
import { createBulkWriter } from "../../src/archive/fs-bulk.ts";
import { openBackup } from "../../src/open-backup.ts";
import { parseConfig } from "../../src/config.ts";
import { createLog } from "../../src/log.ts";
import { cleanUp } from "../../src/jobs/cleanup.ts";
import { followTree } from "../../src/jobs/follow-tree.ts";
import { indexDay } from "../../src/jobs/index-day.ts";
import { rebuild } from "../../src/jobs/rebuild.ts";
import { restoreAsRun } from "../../src/jobs/restore.ts";
import { addDays } from "../../src/model/day.ts";
import { samplePlot } from "../support/sample-plot.ts";
import { environmentOf, keptDays, today } from "./everything.ts";

const [folder = "", seed = ""] = process.argv.slice(2);
const say = (line: string) => writeSync(1, `${line}\n`);

const config = parseConfig(environmentOf(folder));
const clock = () => Date.parse(`${today}T12:00:00Z`);
await using app = await openApp(config, { clock, log: await createLog({ level: "silent", pretty: false }) });
const backup = await openBackup(app, config, { alone: true });
const { store, archive, parts } = app;
let count = 0;

async function save(compress: boolean): Promise<void> {
  const day = addDays(today, -Math.floor(Math.random() * (keptDays + 4)));
  const plot = samplePlot(`${seed}-${count++}`, `${day}T12:00:00Z`);
  const { record } = await archive.save(day, plot, { compress, force: true });
  say(`saved ${day} ${record.picture.sha256}`);
  await indexDay(day, parts);
}

const work: Record<string, () => Promise<unknown>> = {
  save: () => save(false),
  compress: () => save(true),
  cleanup: () => cleanUp(parts),
  rebuild: () => rebuild(parts),
  catalog: () => followTree(parts),
  backup: () => backup.job.backUp("COMMAND"),
  restore: () =>
    restoreAsRun(
      { ...parts, store, target: backup.target },
      { from: addDays(today, -keptDays - 4), bulk: createBulkWriter(config.archive.basePath) },
    ).catch((error: Error) => {
      if (!/found no copy of any day/.test(error.message)) throw error; // no backup has ended yet
    }),
  prune: () => backup.job.backUp("COMMAND", { prune: true }),
};
const names = Object.keys(work);

say("ready");
for (;;) {
  const name = names[Math.floor(Math.random() * names.length)]!;
  say(name);
  await work[name]!();
}
