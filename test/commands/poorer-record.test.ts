/** A record that was read anew from its picture, and so forgot where that came from: its copy still knows, and stays. */
import assert from "node:assert/strict";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { afterEach, beforeEach, describe, test } from "vitest";
import { contentsOf } from "../support/backups.ts";
import { keepDays, openCommandLine, withBackup, type CommandLine } from "../support/command-line.ts";

const RECORD = "2025/11/01/etna_20251101.json";
const PICTURE = "2025/11/01/etna_20251101.png";

let line: CommandLine;
let base: string;
let copyBase: string;
beforeEach(async () => {
  line = await openCommandLine();
  ({ base, copyBase } = withBackup(line));
  await keepDays(line, ["2025-11-01", "2025-11-02"]);
});
afterEach(() => line[Symbol.asyncDispose]());

const sourceOf = async (folder: string) =>
  (JSON.parse(await readFile(join(folder, RECORD), "utf8")) as { source?: { url: string } }).source?.url;

async function backUp(): Promise<Record<string, string>> {
  assert.equal((await line.run("backup")).status, 0);
  return await contentsOf(base);
}

/** As a program does that can't ask the backup. */
async function readAnew(): Promise<void> {
  const { BACKUP_TO: _, ...alone } = line.environment;
  const { environment } = line;
  line.environment = alone;
  const ended = await line.run("rebuild");
  line.environment = environment;
  assert.equal(ended.status, 0, ended.said);
  assert.equal(await sourceOf(base), undefined);
}

async function damage(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[bytes.length >> 1]! ^= 1;
  await writeFile(path, bytes);
}

describe("a record that forgot where its picture came from", () => {
  for (const { name, lose } of [
    { name: "was damaged", lose: () => damage(join(base, RECORD)) },
    { name: "was lost", lose: () => rm(join(base, RECORD)) },
  ])
    test(`since it ${name}, never goes over its copy, but is told by that at the next backup`, async () => {
      const whole = await backUp();
      const copied = await contentsOf(copyBase);
      await lose();
      await readAnew();
      const { status, said } = await line.run("backup");
      assert.equal(status, 0, said);
      assert.match(said, /^0 files sent/m);
      assert.deepEqual(await contentsOf(copyBase), copied);
      assert.deepEqual(await contentsOf(base), whole);
      assert.equal((await line.run("verify")).text, "");
    });

  test("is told by its copy where retention has taken the picture since, too", async () => {
    await backUp();
    await rm(join(base, RECORD));
    await readAnew();
    line.environment["ARCHIVE_RETENTION_DAYS"] = "3";
    assert.match((await line.run("cleanup")).said, /2/);
    await assert.rejects(readFile(join(base, PICTURE)), { code: "ENOENT" });
    assert.equal((await line.run("backup")).status, 0);
    assert.match((await sourceOf(base))!, /^file:/);
    assert.match((await sourceOf(copyBase))!, /^file:/);
  });

  test("is told by its copy beside numbers that a newer digitizer has read since", async () => {
    await backUp();
    const numbers = join(copyBase, RECORD);
    const older = (await readFile(numbers, "utf8"))
      .replace(/"digitizerVersion":\d+/, '"digitizerVersion":1')
      .replace(/"sha256":"[0-9a-f]{64}",/, ""); // as an older program wrote it: without a seal
    await cp(base, `${base}-new`, { recursive: true });
    await writeFile(join(base, RECORD), older);
    await writeFile(numbers, older);
    assert.equal((await line.run("backup", "--check", "--repair")).status, 0);
    await rm(join(base, RECORD));
    await readAnew();
    assert.match((await line.run("backup")).said, /^1 file sent/m);
    const mended = await readFile(join(base, RECORD), "utf8");
    assert.equal(mended, await readFile(join(`${base}-new`, RECORD), "utf8"));
    assert.equal(await readFile(numbers, "utf8"), mended);
  });

  test("is sent as it is where its copy doesn't know either", async () => {
    await rm(join(base, RECORD));
    await readAnew();
    await backUp();
    const record = JSON.parse(await readFile(join(base, RECORD), "utf8")) as { sha256?: string };
    delete record.sha256; // as a program without seals would write it
    await writeFile(join(base, RECORD), JSON.stringify(record));
    assert.match((await line.run("backup")).said, /^1 file sent/m);
  });

  describe("beside an encrypted copy", () => {
    let identity: string;
    beforeEach(async () => {
      identity = await generateIdentity();
      line.environment["BACKUP_AGE_RECIPIENT"] = await identityToRecipient(identity);
    });

    test("keeps it, says so, and is told by a restore with the identity", async () => {
      const whole = await backUp();
      const copied = await contentsOf(copyBase);
      await damage(join(base, RECORD));
      await readAnew();
      for (let time = 0; time < 2; time++) {
        const { status, said } = await line.run("backup");
        assert.equal(status, 1);
        assert.match(said, /etna_20251101\.json: its copy alone says where the picture came from, and stays/);
        assert.match(said, /an age identity is needed.*a `restore` of 2025-11-01 brings that back/);
        assert.deepEqual(await contentsOf(copyBase), copied);
      }
      line.environment["BACKUP_AGE_IDENTITY"] = identity;
      const restored = await line.run("restore", "--start", "2025-11-01", "--end", "2025-11-01");
      assert.equal(restored.status, 0, restored.said);
      assert.deepEqual(await contentsOf(base), whole);
      delete line.environment["BACKUP_AGE_IDENTITY"];
      assert.match((await line.run("backup")).said, /^0 files sent/m);
    });

    test("is told by it at once where the identity is at hand", async () => {
      const whole = await backUp();
      await damage(join(base, RECORD));
      await readAnew();
      line.environment["BACKUP_AGE_IDENTITY"] = identity;
      const { status, said } = await line.run("backup");
      assert.equal(status, 0, said);
      assert.deepEqual(await contentsOf(base), whole);
    });
  });
});
