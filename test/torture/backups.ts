/** Backups that are killed at any of their calls to the disk, alone and two at once, and bits that flip in them. */
import assert from "node:assert/strict";
import { readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { createDecipher } from "../../src/archive/age.ts";
import { checkBackup } from "../../src/archive/check-backup.ts";
import { createArchive } from "../../src/archive/create-archive.ts";
import { createBulkWriter } from "../../src/archive/fs-bulk.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { mirror } from "../../src/archive/mirror.ts";
import { restore } from "../../src/archive/restore.ts";
import { createCipher } from "../../src/archive/age.ts";
import { addDays } from "../../src/model/day.ts";
import { contentsOf, firstDay, keepDay, openBackupScene } from "../support/backups.ts";
import { startScript, type Child } from "../support/runtimes.ts";

/** Calls to the disk that a backup of a few changed days makes, about; a kill beyond its end kills nothing. */
const CALLS = 220;

/**
 * A backup is killed before a random call, again and again, while the archive goes on changing; every fourth time
 * another backup runs beside it. After each the backup checks clean, and nothing that was sent is sent again.
 */
export async function killedBackups({ kills, encrypted = false }: { kills: number; encrypted?: boolean }) {
  await using scene = await openBackupScene(3);
  const identity = await generateIdentity();
  const recipient = encrypted ? await identityToRecipient(identity) : "plain";
  const decipher = encrypted ? await createDecipher(identity) : undefined;
  const cipher = encrypted ? createCipher(recipient) : undefined;
  await mirror(scene.store, scene.target, { cipher });

  const start = (...dieAt: string[]) =>
    startScript("torture/backup-process.ts", [scene.base, scene.copyBase, recipient, ...dieAt]);
  const sent = new Set<string>();
  const count = { kills: 0, ended: 0, beside: 0, sent: 0 };
  for (let round = 0; count.kills < kills; round++) {
    await keepDay(scene.archive, addDays(firstDay, round % 40), round % 3 === 0, `round ${round}`);
    await keepDay(scene.archive, addDays(firstDay, 40 + (round % 20)), false, `round ${round}`);
    await using backup = start(String(1 + Math.floor(Math.random() * CALLS)));
    await using beside = round % 4 === 3 ? start() : undefined;
    const [lines, ended] = await Promise.all([linesOf(backup), backup.ended]);
    const besideLines = beside ? await linesOf(beside) : [];
    assert.ok(beside === undefined || (await beside.ended) === 0, "the one beside came to its end");
    if (ended === "SIGKILL") count.kills++;
    else count.ended++;
    count.beside += Number(beside !== undefined);
    // A key with a time is one state of one file: none is sent twice.
    for (const line of [...lines, ...besideLines].filter((said) => said.startsWith("sent "))) {
      assert.ok(!sent.has(line), `${line} again, in round ${round}`);
      sent.add(line);
      count.sent++;
    }
    const { problems } = await checkBackup(scene.target, { decipher });
    assert.deepEqual(problems, [], `after round ${round}`);
  }
  await mirror(scene.store, scene.target, { cipher });
  assert.deepEqual((await checkBackup(scene.target, { decipher })).problems, []);
  const basePath = join(scene.folder, "restored");
  const restored = await restore(createFsStore({ basePath }), scene.target, {
    decipher,
    bulk: createBulkWriter(basePath),
  });
  assert.deepEqual(restored.problems, []);
  assert.deepEqual(await contentsOf(basePath), await contentsOf(scene.base));
  return count;
}

/** One random bit flipped in each of so many random files of a backup: found, mended, and never restored. */
export async function flippedBackups({ flips, encrypted = false }: { flips: number; encrypted?: boolean }) {
  await using scene = await openBackupScene(12);
  const identity = await generateIdentity();
  const cipher = encrypted ? createCipher(await identityToRecipient(identity)) : undefined;
  const decipher = encrypted ? await createDecipher(identity) : undefined;
  await mirror(scene.store, scene.target, { cipher });
  const whole = await contentsOf(scene.base);
  const keys = Object.keys(await contentsOf(scene.copyBase));
  let found = 0;
  for (let done = 0; done < flips;) {
    // Some at once, each in a file of its own.
    const some = keys.toSorted(() => Math.random() - 0.5).slice(0, Math.min(8, flips - done));
    for (const key of some) await flipRandomBit(join(scene.copyBase, key));
    const { problems } = await checkBackup(scene.target, done % 16 === 0 ? { decipher } : {});
    assert.deepEqual(problems.map(({ key }) => key).toSorted(), some.toSorted());
    found += problems.length;
    const basePath = join(scene.folder, `restored-${done}`);
    const { problems: refused } = await restore(createFsStore({ basePath }), scene.target, { decipher });
    assert.deepEqual(refused.map(({ key }) => key).toSorted(), some.toSorted(), "none of them was restored");
    for (const [key, bytes] of Object.entries(await contentsOf(basePath))) assert.equal(bytes, whole[key]);
    const { sentFiles } = await mirror(scene.store, scene.target, { cipher, suspects: new Set(some) });
    assert.equal(sentFiles, some.length);
    done += some.length;
  }
  assert.deepEqual((await checkBackup(scene.target, { decipher })).problems, []);
  return { flips, found };
}

/** A restore is killed at random moments; what it leaves is whole, and the next one ends with the same tree. */
export async function killedRestores({ kills, days = 150 }: { kills: number; days?: number }) {
  await using scene = await openBackupScene(days);
  await mirror(scene.store, scene.target);
  const whole = await contentsOf(scene.base);
  const count = { kills: 0, ended: 0, daysLeft: 0 };
  let longestMs = 400;
  for (let round = 0; count.kills < kills; round++) {
    const basePath = join(scene.folder, `restored-${round}`);
    await using child = startScript("torture/restore-process.ts", [basePath, scene.copyBase]);
    assert.equal((await child.lines.next()).value, "ready");
    const startedMs = performance.now();
    const timer = setTimeout(() => child.process.kill("SIGKILL"), Math.random() * longestMs);
    const ended = await child.ended;
    clearTimeout(timer);
    if (ended === "SIGKILL") count.kills++;
    else {
      count.ended++;
      longestMs = Math.min(longestMs, performance.now() - startedMs);
    }
    const archive = createArchive(createFsStore({ basePath }));
    for await (const { day, picture, record } of archive.survey()) {
      if (picture) await archive.get(day);
      if (record) await archive.findRecord(day);
      count.daysLeft++;
    }
    const { problems } = await restore(createFsStore({ basePath }), scene.target, { bulk: createBulkWriter(basePath) });
    assert.deepEqual(problems, []);
    await archive.cleanup({ today: firstDay, retentionDays: -1, keepSeries: true });
    const mended = await contentsOf(basePath);
    for (const [key, bytes] of Object.entries(whole)) assert.equal(mended[key], bytes, key);
  }
  return count;
}

async function flipRandomBit(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[Math.floor(Math.random() * bytes.length)]! ^= 1 << Math.floor(Math.random() * 8);
  const { atime, mtime } = await stat(path);
  await writeFile(path, bytes);
  await utimes(path, atime, mtime); // as a disk that rots leaves it
}

export async function linesOf(child: Child): Promise<string[]> {
  const lines: string[] = [];
  for (let next = await child.lines.next(); !next.done; next = await child.lines.next()) lines.push(next.value);
  return lines;
}
