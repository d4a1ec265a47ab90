/**
 * `npm run bench:backup -- [--days 3650] [--rounds 3]`: how long backups and restores of many days take, beside `cp -r` and
 * `rsync -a` over the same files in the same run. Processor time beside the wall's, since machines are noisy.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createArchive } from "../../src/archive/create-archive.ts";
import { createFolderTarget } from "../../src/archive/folder-target.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { checkBackup } from "../../src/archive/check-backup.ts";
import { mirror } from "../../src/archive/mirror.ts";
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
const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const command = (env: object, ...args: string[]) =>
  run(process.execPath, ["--disable-warning=ExperimentalWarning", main, ...args], { ...environment, ...env });
await command({}, "backup");
for (let round = 0; round < rounds; round++) {
  const day = addDays(first, days + rounds + round);
  await archive.save(day, samplePlot(day, `${day}T12:00:00Z`));
  await timed("the command `backup`, one new day", () => command({}, "backup"));
}

const to = (name: string) => join(scratch.path, name);
for (let round = 0; round < rounds; round++) {
  await timed("cp -r", () => run("cp", ["-r", copyBase, to("cp")]));
  await timed("the command `restore`", () => command({ ARCHIVE_BASE_PATH: to("restored") }, "restore"));
  await timed("rsync -a", () => run("rsync", ["-a", `${copyBase}/`, to("rsync")]));
  if (round === 0) await run("diff", ["-r", "-x", ".etna*", base, to("restored")]);
  for (const name of ["cp", "restored", "rsync"]) await rm(to(name), { recursive: true });
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
  console.log(`${name.padEnd(36)} ${seconds(performance.now() - startMs)} s, processor ${seconds(own)} s`);
}
