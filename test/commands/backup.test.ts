/** `backup` and `restore` as people run them, with the history that they leave. */
import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { afterEach, beforeEach, describe, test } from "vitest";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { contentsOf } from "../support/backups.ts";
import { keepDays, openCommandLine, withBackup, type CommandLine, type Ended } from "../support/command-line.ts";

let line: CommandLine;
let base: string;
let copyBase: string;
beforeEach(async () => {
  line = await openCommandLine();
  ({ base, copyBase } = withBackup(line));
  await keepDays(line, ["2025-11-01", "2025-11-02"]);
});
afterEach(() => line[Symbol.asyncDispose]());

const flip = async (key: string) => {
  const bytes = await readFile(join(copyBase, key));
  bytes[bytes.length >> 1]! ^= 16;
  await writeFile(join(copyBase, key), bytes);
};

test("an identity that can't be read, as where its disk was taken away, keeps no day from being rebuilt", async () => {
  await line.run("backup");
  await rm(join(base, "2025/11/01/etna_20251101.json"));
  line.environment["BACKUP_AGE_IDENTITY_FILE"] = join(line.folder, "taken-away.txt");
  const { status, said } = await line.run("rebuild");
  assert.equal(status, 0, said);
  await rm(join(base, "2025/11/02/etna_20251102.png"));
  assert.match((await line.run("verify", "--repair")).text, /no good copy of it \(the age identity can't be read/);
});

describe("backup", () => {
  test("sends what is new, and says what", async () => {
    const first = await line.run("backup");
    assert.equal(first.status, 0, first.said);
    assert.match(first.said, /4 files sent \(\d+ bytes\), 0 unchanged, 4 in the backup/);
    const { text } = await line.run("backup", "--json");
    const { backup } = JSON.parse(text) as { backup: { sentFiles: number; unchangedFiles: number } };
    assert.deepEqual([backup.sentFiles, backup.unchangedFiles], [0, 4]);
  });

  test("proves the backup, finds a flipped bit, and mends it when asked", async () => {
    await line.run("backup");
    assert.match((await line.run("backup", "--check")).said, /4 files checked, 0 with problems/);
    await flip("2025/11/01/etna_20251101.png");
    const found = await line.run("backup", "--check");
    assert.equal(found.status, 1);
    assert.match(found.said, /2025\/11\/01\/etna_20251101\.png: its bytes aren't those that were backed up/);
    assert.match(found.said, /`backup --check --repair` sends again what the archive has of them$/);
    const mended = await line.run("backup", "--check", "--repair");
    assert.equal(mended.status, 0, mended.said);
    assert.match(mended.said, /1 file sent/);
    assert.equal((await line.run("backup", "--check")).status, 0);
  });

  test("fails as long as a damaged copy can't be mended", async () => {
    await line.run("backup");
    line.environment["ARCHIVE_RETENTION_DAYS"] = "1";
    await line.run("cleanup");
    await flip("2025/11/01/etna_20251101.png");
    for (let time = 0; time < 2; time++) {
      const { status, said } = await line.run("backup", "--check", "--repair");
      assert.equal(status, 1);
      assert.match(said, /its copy is damaged, and the archive has it no more/);
    }
  });

  test("doesn't refill a folder that has lost its backup, unless a new one is asked for", async () => {
    await line.run("backup");
    await rm(copyBase, { recursive: true });
    const { status, said } = await line.run("backup");
    assert.equal(status, 1);
    assert.match(said, /Cannot back up: the backup of \d{4}-\d\d-\d\d is gone from its place/);
    assert.equal(said.split("\n").length, 1, said);
    await assert.rejects(readdir(copyBase), { code: "ENOENT" });
    const anew = await line.run("backup", "--start-new");
    assert.match(anew.said, /4 files sent \(\d+ bytes\), 0 unchanged, 4 in the backup/);
    assert.equal((await line.run("backup")).status, 0);
  });

  for (const { name, lose, says, bringBack } of [
    {
      name: "has no file any more, as where its disk isn't mounted",
      lose: () => rm(base, { recursive: true }),
      says: /all files of 2 days that the backup has are gone from the archive, which has none left. Is its disk mounted\? Else `restore` brings them back/,
      bringBack: ["restore"],
    },
    {
      name: "began anew with but the last day",
      lose: () => rm(join(base, "2025/11/01"), { recursive: true }),
      says: /all files of a day that the backup has are gone from the archive; `verify --repair` brings it back/,
      bringBack: ["verify", "--repair"],
    },
  ])
    test(`says so where the archive ${name}, loses nothing, and ends with status 1 until it is back`, async () => {
      await line.run("backup");
      const whole = await contentsOf(copyBase);
      await lose();
      for (const args of [[], ["--prune"]]) {
        const { status, said } = await line.run("backup", ...args);
        assert.equal(status, 1);
        assert.match(said, says);
        assert.deepEqual(await contentsOf(copyBase), whole);
      }
      using catalog = openCatalog(line.environment["CATALOG_PATH"]!, base);
      const [run] = catalog.listMaintenance({ limit: 1 });
      assert.equal(run?.outcome, "PROBLEMS");
      assert.match(run.summary!, says);
      assert.equal((await line.run(...bringBack)).status, 0);
      assert.deepEqual(await contentsOf(base), whole);
      assert.equal((await line.run("backup")).status, 0);
    });

  test("says nothing of days that retention took whole", async () => {
    await line.run("backup");
    line.environment["ARCHIVE_RETENTION_DAYS"] = "3";
    line.environment["ARCHIVE_KEEP_SERIES"] = "false";
    assert.equal((await line.run("cleanup")).status, 0);
    assert.equal((await line.run("backup")).status, 0);
  });

  test("is written down in the history", async () => {
    await line.run("backup");
    await flip("2025/11/01/etna_20251101.png");
    await line.run("backup", "--check");
    using catalog = openCatalog(line.environment["CATALOG_PATH"]!, base);
    const runs = catalog.listMaintenance({ limit: 5 });
    assert.deepEqual(
      runs.map(({ kind, trigger, outcome, counts }) => [kind, trigger, outcome, counts["files"] ?? counts["problems"]]),
      [
        ["BACKUP", "COMMAND", "PROBLEMS", 1],
        ["BACKUP", "COMMAND", "DONE", 4],
      ],
    );
  });

  for (const { name, set, says } of [
    { name: "without a place", set: { BACKUP_TO: "" }, says: /BACKUP_TO is needed/ },
    { name: "into the archive itself", set: { BACKUP_TO: "archives/copy" }, says: /in the archive itself/ },
    { name: "to no recipient", set: { BACKUP_AGE_RECIPIENT: "age2abc" }, says: /BACKUP_AGE_RECIPIENT is wrong/ },
    {
      name: "to a mistyped recipient",
      set: { BACKUP_AGE_RECIPIENT: "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8" },
      says: /copied whole/,
    },
  ])
    test(`${name} is refused in one line`, async () => {
      for (const [key, value] of Object.entries(set))
        line.environment[key] = key === "BACKUP_TO" && value !== "" ? join(line.folder, value) : value;
      const { status, said } = await line.run("backup");
      assert.equal(status, 1);
      assert.match(said, says);
      assert.equal(said.split("\n").length, 1, said);
    });
});

describe("restore", () => {
  test("gives back a lost tree, with a row in the history", async () => {
    await line.run("backup");
    const before = await contentsOf(base);
    await rm(base, { recursive: true });
    assert.match((await line.run("restore", "--dry-run")).said, /2 days would be restored \(4 files/);
    const { status, said } = await line.run("restore");
    assert.equal(status, 0, said);
    assert.match(said, /2 days restored \(4 files, \d+ bytes\), 0 unchanged, 0 kept/);
    assert.deepEqual(await contentsOf(base), before);
    assert.match((await line.run("list")).said, /2 archives/);
  });

  test("says which files the backup should have and lacks, and fails", async () => {
    await line.run("backup");
    await rm(base, { recursive: true });
    await rm(join(copyBase, "2025/11/01/etna_20251101.png"));
    for (const dry of [["--dry-run"], []]) {
      const { status, said } = await line.run("restore", ...dry);
      assert.equal(status, 1);
      assert.match(said, /^2025\/11\/01\/etna_20251101\.png: Cannot read .* in the backup: it is gone$/m);
      assert.match(said, /2 days .*restored \(3 files, \d+ bytes\).*, 1 file can't be restored/);
    }
    assert.equal((await line.run("restore", "--start", "2025-11-02")).status, 0, "it is none of that range");
  });

  for (const { name, take, taken } of [
    {
      name: "a file in the place of a day's folder",
      take: async () => {
        await mkdir(join(base, "2025/11"), { recursive: true });
        await writeFile(join(base, "2025/11/01"), "mine");
      },
      taken: /2025\/11\/01\/etna_20251101\.png: 2025\/11\/01 isn't a folder/,
    },
    {
      name: "a folder in the place of a record",
      take: () => mkdir(join(base, "2025/11/01/etna_20251101.json"), { recursive: true }),
      taken: /etna_20251101\.json: its name is taken by something that isn't a regular file/,
    },
  ])
    test(`says beforehand what it says of ${name}`, async () => {
      await line.run("backup");
      await rm(base, { recursive: true });
      await take();
      const [dry, real] = [await line.run("restore", "--dry-run"), await line.run("restore")];
      assert.match(real.said, taken);
      assert.deepEqual([dry.status, real.status], [1, 1]);
      const withoutProgress = ({ said }: Ended) => said.replaceAll(/^(Reading|Restoring): .*\n/gm, "");
      assert.equal(withoutProgress(dry).replace("would be restored", "restored"), withoutProgress(real));
    });

  test("of an encrypted backup takes the identity from the environment or a file", async () => {
    const identity = await generateIdentity();
    line.environment["BACKUP_AGE_RECIPIENT"] = await identityToRecipient(identity);
    await line.run("backup");
    const before = await contentsOf(base);
    await rm(base, { recursive: true });
    assert.equal((await line.run("restore")).status, 1, "without any identity");
    const file = join(line.folder, "key.txt");
    await writeFile(file, `# created today\n${identity}\n`);
    assert.equal((await line.run("restore", "--start", "2025-11-02", "--identity-file", file)).status, 0);
    line.environment["BACKUP_AGE_IDENTITY"] = identity;
    assert.equal((await line.run("restore")).status, 0);
    assert.deepEqual(await contentsOf(base), before);
    assert.equal((await line.run("backup", "--check")).status, 0);
  });

  test("refuses an identity that is none, and doesn't show it", async () => {
    await line.run("backup");
    line.environment["BACKUP_AGE_IDENTITY"] = "AGE-SECRET-KEY-1MISTYPED";
    const { status, said } = await line.run("restore");
    assert.equal(status, 1);
    assert.ok(!said.includes("MISTYPED"), said);
  });

  test("refuses a range that ends before it starts", async () => {
    const { status, said } = await line.run("restore", "--start", "2025-11-02", "--end", "2025-11-01");
    assert.deepEqual([status, /ends before it starts/.test(said)], [2, true]);
  });
});
