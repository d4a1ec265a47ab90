/**
 * `npm run bench:backup -- [--days 3650] [--rounds 3]`: how long backups and restores of many days take, beside `cp -r` and
 * `rsync -a` over the same files in the same run. Processor time beside the wall's, since machines are noisy.
 *
 * Neither of those two waits for the disk, as a restore does before it says that it is done: so what `cp -r` leaves to be
 * written is timed too, and so is the start of a command that then does nothing.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createArchive } from "../../src/archive/create-archive.ts";
import { createFolderTarget } from "../../src/archive/folder-target.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { checkBackup } from "../../src/archive/check-backup.ts";
import { startBulkThreads } from "../../src/archive/fs-bulk-thread.ts";
import { mirror } from "../../src/archive/mirror.ts";
import { restore } from "../../src/archive/restore.ts";
import { addDays, Day } from "../../src/model/day.ts";
import { samplePlot } from "../support/sample-plot.ts";
import { sampleReading } from "../support/sample-reading.ts";
import { scratchFolder } from "../support/scratch.ts";
import { writeDays } from "./many-days.ts";

const { values } = parseArgs({
  options: { days: { type: "string", default: "3650" }, rounds: { type: "string", default: "3" } },
});
const days = Number(values.days);
const rounds = Number(values.rounds);

const took = new Map<string, number[]>();
await using scratch = await scratchFolder();
const base = join(scratch.path, "archives");
const copyBase = join(scratch.path, "backup");
const first = Day.parse("2016-01-01");
await writeDays(base, first, days, () => sampleReading());

const reads: string[] = [];
const fsStore = createFsStore({ basePath: base });
const store = {
  ...fsStore,
  read(key: string, limitBytes: number) {
    reads.push(key);
    return fsStore.read(key, limitBytes);
  },
};
const target = createFolderTarget({ path: copyBase, alone: true });
await timed("first backup", () => mirror(store, target));
await timed("backup --check", async () => assert.deepEqual((await checkBackup(target)).problems, []));

const archive = createArchive(fsStore);
for (let round = 0; round < rounds; round++) {
  const day = addDays(first, days + round);
  await archive.save(day, samplePlot(day, `${day}T12:00:00Z`));
  reads.length = 0;
  await timed("backup of one new day", async () => assert.equal((await mirror(store, target)).sentFiles, 2));
  assert.ok(
    reads.every((key) => key.startsWith(day.replaceAll("-", "/"))),
    "a file was read that hasn't changed",
  );
}
const environment = {
  ...process.env,
  ARCHIVE_BASE_PATH: base,
  CATALOG_PATH: join(scratch.path, "catalog.sqlite"),
  BACKUP_TO: copyBase,
  ARCHIVE_RETENTION_DAYS: "-1",
};
const main = fileURLToPath(new URL("../../src/start.js", import.meta.url));
// With the settings of its own first line, as `npx etna-archive` runs it.
const command = (env: object, ...args: string[]) => run(main, args, { ...environment, ...env });
await command({}, "backup");
for (let round = 0; round < rounds; round++) {
  const day = addDays(first, days + rounds + round);
  await archive.save(day, samplePlot(day, `${day}T12:00:00Z`));
  await timed("the command `backup`, one new day", () => command({}, "backup"));
}

const hasRsync = spawnSync("rsync", ["--version"]).error === undefined;
if (!hasRsync) console.log("rsync isn't installed here, so there is no figure of it");
const copyTo = (name: string, copy: (to: string) => Promise<unknown>) => timed(name, () => copy(folderOf(name)));
let round = 0;
const folderOf = (name: string) => join(scratch.path, `${name} ${round}`);
for (; round < rounds; round++) {
  // Each into a folder of its own that stays to the end: ext4 makes new files many times slower just after a removal.
  await settle();
  await copyTo("cp -r", (to) => run("cp", ["-r", copyBase, to]));
  await timed("sync after cp -r", settle);
  await copyTo("restore within a process", restoreHere);
  await copyTo("the command `restore`", (to) => command({ ARCHIVE_BASE_PATH: to }, "restore"));
  if (hasRsync) await copyTo("rsync -a", (to) => run("rsync", ["-a", `${copyBase}/`, to]));
  await timed("`restore --help`", () => command({}, "restore", "--help"));
  if (round === 0) await run("diff", ["-r", "-x", ".etna*", base, folderOf("the command `restore`")]);
}
console.log("\nmedians:");
for (const [name, tookMs] of took) console.log(`${name.padEnd(36)} ${seconds(median(tookMs))} s`);
for (const ours of ["restore within a process", "the command `restore`"])
  for (const other of ["cp -r", "rsync -a"].filter((name) => took.has(name))) {
    const ratios = took.get(ours)!.map((ms, at) => took.get(other)![at]! / ms);
    console.log(`${ours} has ${Math.round(100 * median(ratios))} % of the speed of ${other}, in the median round`);
  }

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

async function restoreHere(to: string): Promise<void> {
  await using threads = startBulkThreads();
  const { problems } = await restore(createFsStore({ basePath: to }), target, { bulk: threads.writerFor(to) });
  assert.deepEqual(problems, []);
}

/** What others left to be written is nothing that the next one should wait for. */
function settle(): Promise<number> {
  return run("sync", ["-f", scratch.path]);
}

/** @returns its processor time, ms */
async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  const timer = ["-f", "%U %S", command, ...args];
  const child = spawn("/usr/bin/time", timer, { env, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, "close")) as [number];
  assert.equal(code, 0, said);
  const [user = 0, system = 0] = said.trim().split("\n").at(-1)!.split(" ").map(Number);
  return (user + system) * 1000;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2).padStart(6);
}

async function timed(name: string, work: () => Promise<unknown>): Promise<void> {
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const childMs = (await work()) as number | undefined;
  const { user, system } = process.cpuUsage(cpu);
  const own = typeof childMs === "number" ? childMs : (user + system) / 1000;
  const wallMs = performance.now() - startMs;
  took.set(name, [...(took.get(name) ?? []), wallMs]);
  console.log(`${name.padEnd(36)} ${seconds(wallMs)} s, processor ${seconds(own)} s`);
}
