/** All work that writes, killed at random moments: what was acknowledged is there, and all that is there is whole. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pino } from "pino";
import { checkBackup } from "../../src/archive/check-backup.ts";
import { createArchive } from "../../src/archive/create-archive.ts";
import { createFolderTarget } from "../../src/archive/folder-target.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { isDamage } from "../../src/archive/findings.ts";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { createDigitizer } from "../../src/jobs/digitizer.ts";
import { followTree } from "../../src/jobs/follow-tree.ts";
import { verifyTree } from "../../src/jobs/verify-tree.ts";
import { addDays, Day } from "../../src/model/day.ts";
import { startScript } from "../support/runtimes.ts";
import { scratchFolder } from "../support/scratch.ts";
import { linesOf } from "./backups.ts";

export const today = Day.parse("2025-11-20");
/** The retention of the tortured archive: what is younger must never be lost. */
export const keptDays = 6;

const HOUR_MS = 3_600_000;

export function environmentOf(folder: string): Record<string, string> {
  return {
    ARCHIVE_BASE_PATH: join(folder, "archives"),
    CATALOG_PATH: join(folder, "catalog.sqlite"),
    BACKUP_TO: join(folder, "backup"),
    ARCHIVE_RETENTION_DAYS: String(keptDays),
  };
}

/** A process that saves, compresses, cleans up, rebuilds, follows, backs up and restores is killed, again and again. */
export async function killedWork({ kills }: { kills: number }) {
  await using scratch = await scratchFolder();
  const { ARCHIVE_BASE_PATH: basePath = "", BACKUP_TO: copyBase = "", CATALOG_PATH = "" } = environmentOf(scratch.path);
  const acknowledged = new Map<Day, string>();
  const killedIn: Record<string, number> = {};
  let pieces = 0;
  for (let kill = 0; kill < kills; kill++) {
    await using worker = startScript("torture/worker-process.ts", [scratch.path, `kill${kill}`]);
    assert.equal((await worker.lines.next()).value, "ready", "it starts on what the one before has left");
    const killed = pause(Math.random() * 400).then(() => worker.process.kill("SIGKILL"));
    const [lines] = await Promise.all([linesOf(worker), killed]);
    assert.equal(await worker.ended, "SIGKILL");

    for (const line of lines) {
      const [, day, sha256] = /^saved (\S+) (\S+)$/.exec(line) ?? [];
      if (day !== undefined) acknowledged.set(Day.parse(day), sha256!);
    }
    const names = lines.filter((line) => !line.includes(" "));
    pieces += names.length;
    const last = names.at(-1) ?? "ready";
    killedIn[last] = (killedIn[last] ?? 0) + 1;
    const wasSaving = last === "save" || last === "compress";
    await assertWhole(basePath, copyBase, acknowledged, wasSaving).catch((error: unknown) => {
      throw new Error(`After kill ${kill}, in ${last}, of ${names.join(" ")}`, { cause: error });
    });
    await assertVerifiesClean(basePath, CATALOG_PATH);
  }
  return { kills, pieces, ...killedIn };
}

/** As the next start does: the catalog is opened and follows the tree; then nothing of either is damaged. */
async function assertVerifiesClean(basePath: string, catalogPath: string): Promise<void> {
  const archive = createArchive(createFsStore({ basePath }));
  const log = pino({ level: "silent" });
  using catalog = openCatalog(catalogPath, basePath);
  const clock = () => Date.parse(`${today}T12:00:00Z`);
  const policy = { retentionDays: keptDays, keepSeries: true };
  const parts = { archive, catalog, log, clock, digitizer: createDigitizer(), policy };
  await followTree(parts);
  const { findings } = await verifyTree(parts, {});
  assert.deepEqual(
    findings.filter((finding) => isDamage(finding) || finding.kind === "CATALOG_BEHIND"),
    [],
  );
}

async function assertWhole(
  basePath: string,
  copyBase: string,
  acknowledged: Map<Day, string>,
  wasSaving: boolean,
): Promise<void> {
  // The kernel has freed the lock, or this waits no millisecond for it.
  const store = createFsStore({ basePath, lockWaitMs: 0 });
  const archive = createArchive(store, { clock: () => Date.now() + 2 * HOUR_MS });
  const there = new Map<Day, string>();
  for await (const { day, picture, record } of archive.survey()) {
    if (picture) there.set(day, (await archive.get(day)).sha256); // whole, or it throws
    if (record) await archive.findRecord(day);
  }
  let others = 0;
  for (const [day, sha256] of acknowledged) {
    if (day <= addDays(today, -keptDays)) continue; // retention may have taken it
    if (there.get(day) === sha256) continue;
    // The save under way had just replaced it.
    assert.ok(wasSaving && there.has(day), `${day} lost what was acknowledged`);
    others++;
    acknowledged.set(day, there.get(day)!);
  }
  assert.ok(others <= 1, "one save was under way");
  // Nothing is there before the first backup has ended.
  const { problems, manifest } = await checkBackup(createFolderTarget({ path: copyBase }));
  if (manifest !== undefined) assert.deepEqual(problems, []);
  await archive.cleanup({ today, retentionDays: -1, keepSeries: true });
}
