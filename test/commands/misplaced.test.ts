/** A picture of another day that somebody put in the place of a day's own, as the commands of people and nights meet it. */
import assert from "node:assert/strict";
import { cp, mkdir, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeAll, beforeEach, describe, test } from "vitest";
import { openApp } from "../../src/app.ts";
import { parseConfig } from "../../src/config.ts";
import { addDays, Day } from "../../src/model/day.ts";
import { demoPlots } from "../../src/source/demo.ts";
import { contentsOf } from "../support/backups.ts";
import { chunk } from "../support/build-png.ts";
import { openCommandLine, withBackup, type CommandLine } from "../support/command-line.ts";
import { samplePng } from "../support/sample-plot.ts";

const FIRST = Day.parse("2025-11-01");
const DAYS = ["20251101", "20251102", "20251103"];
const keyOf = (day: string) => `2025/11/${day.slice(6)}/etna_${day}.png`;
const [first, second, third] = DAYS.map(keyOf) as [string, string, string];

/** Plots of the days from the last one of October on, as they were to be had five minutes before midnight. */
const plots: Uint8Array[] = [];
beforeAll(async () => {
  for await (const { png } of demoPlots({ from: addDays(FIRST, -1), to: addDays(FIRST, 2), sourceUrl: "" }))
    plots.push(png);
});

let line: CommandLine;
let base: string;
let copyBase: string;
beforeEach(async () => {
  line = await openCommandLine();
  ({ base, copyBase } = withBackup(line));
});
afterEach(() => line[Symbol.asyncDispose]());

async function keep(pictures: readonly Uint8Array[]): Promise<void> {
  const loose = join(line.folder, "loose");
  await mkdir(loose);
  for (const [at, png] of pictures.entries()) await writeFile(join(loose, `etna_${DAYS[at]}.png`), png);
  assert.equal((await line.run("import", loose)).status, 0);
  assert.equal((await line.run("backup")).status, 0);
}

/** Later than any file of the archive. */
async function touch(key: string): Promise<void> {
  const later = new Date(Date.now() + 60_000);
  await utimes(join(base, key), later, later);
}

async function assertHeldAndMended(whole: Record<string, string>, says: RegExp): Promise<void> {
  const outside = { clock: () => line.nowMs, log: pino({ level: "silent" }) };
  await using app = await openApp(parseConfig(line.environment), outside);
  await assert.rejects(app.archive.get(Day.parse("2025-11-02")), says);
  const backedUp = await line.run("backup");
  assert.equal(backedUp.status, 1, backedUp.said);
  assert.match(backedUp.said, says);
  assert.deepEqual(await contentsOf(copyBase), whole);
  const misplaced = await readFile(join(base, second));
  assert.equal((await line.run("rebuild")).status, 1);
  const found = await line.run("verify");
  assert.equal(found.status, 1);
  assert.match(found.text, /^DAMAGE 2025-11-02 .* PICTURE_DAMAGED: /m);
  assert.match(found.text, says);
  const mended = await line.run("verify", "--repair");
  assert.equal(mended.status, 0, mended.text);
  assert.deepEqual(await contentsOf(base), whole);
  assert.deepEqual(await readFile(join(base, "quarantine", second)), misplaced);
  assert.deepEqual([(await line.run("verify")).text, (await line.run("backup")).status], ["", 0]);
}

describe("a picture of another day is neither served nor backed up as the day's, and makes way for its copy", () => {
  for (const { name, put, owner } of [
    { name: "copied", put: () => cp(join(base, first), join(base, second)), owner: "2025-11-01" },
    { name: "moved", put: () => rename(join(base, third), join(base, second)), owner: "2025-11-03" },
  ])
    test(`that was ${name}`, async () => {
      await keep(DAYS.map((day) => samplePng(day)));
      const whole = await contentsOf(base);
      await put();
      await touch(second);
      const says = new RegExp(`the picture isn't the one that its record names: it is that of ${owner}`);
      await assertHeldAndMended(whole, says);
    });

  for (const { name, at, says } of [
    { name: "later", at: 3, says: /it shows tremor until 2025-11-03T23:\d\dZ, after that day/ },
    {
      name: "earlier",
      at: 0,
      says: /it ends at 2025-10-31T23:\d\dZ, before that day and before the one that its record names/,
    },
  ])
    test(`that came from elsewhere, and shows that it is of a day ${name}`, async () => {
      await keep(plots.slice(1, 3));
      const whole = await contentsOf(base);
      await writeFile(join(base, second), plots[at]!);
      await touch(second);
      assert.match((await line.run("get", "2025-11-02")).said, says);
      await assertHeldAndMended(whole, says);
    });
});

describe("a picture of another day, in a day that lost its record as well,", () => {
  let whole: Record<string, string>;
  beforeEach(async () => {
    await keep(DAYS.map((day) => samplePng(day)));
    whole = await contentsOf(base);
    await rename(join(base, third), join(base, second));
    await rm(join(base, second.replace(".png", ".json")));
    await touch(second);
  });
  const says = /the picture isn't the one that its record names: it is that of 2025-11-03/;
  const isMended = async () => {
    const mended = await line.run("verify", "--repair");
    assert.equal(mended.status, 0, mended.text);
    assert.deepEqual(await contentsOf(base), whole);
    assert.deepEqual([(await line.run("verify")).text, (await line.run("backup")).status], ["", 0]);
    assert.deepEqual(await contentsOf(copyBase), whole);
  };

  test("goes over no copy", async () => {
    const { status, said } = await line.run("backup");
    assert.deepEqual([status, says.test(said)], [1, true], said);
    assert.deepEqual(await contentsOf(copyBase), whole);
    await isMended();
  });

  test("is found and mended by a verification", async () => {
    const found = await line.run("verify");
    assert.equal(found.status, 1);
    assert.match(found.text, /^DAMAGE 2025-11-02 .* PICTURE_DAMAGED: /m);
    assert.match(found.text, says);
    await isMended();
  });

  test("isn't read anew: its record comes back from the backup, and speaks against it", async () => {
    const { status, said } = await line.run("rebuild");
    assert.deepEqual([status, says.test(said)], [1, true], said);
    assert.deepEqual((await contentsOf(base))["2025/11/02/etna_20251102.json"], whole["2025/11/02/etna_20251102.json"]);
    assert.equal((await line.run("get", "2025-11-02")).status, 1);
    await isMended();
  });

  test("goes over no copy either where it was read anew without the backup, and makes way for that", async () => {
    const { BACKUP_TO, ...alone } = line.environment;
    line.environment = alone;
    assert.equal((await line.run("rebuild")).status, 0);
    line.environment["BACKUP_TO"] = BACKUP_TO!;
    const { status, said } = await line.run("backup");
    assert.deepEqual([status, says.test(said)], [1, true], said);
    assert.match(said, /`restore --overwrite` of 2025-11-02 brings back the one that was backed up/);
    assert.deepEqual(await contentsOf(copyBase), whole);
    assert.equal((await line.run("restore", "--overwrite", "--start", "2025-11-02", "--end", "2025-11-02")).status, 0);
    await isMended();
  });
});

describe("a picture that is newer than its record", () => {
  test("is a newer plot of the day where it may be one", async () => {
    await keep(plots.slice(1, 3));
    const png = plots[2]!;
    const END = -12; // where IEND begins
    const comment = chunk("tEXt", Buffer.from("Comment\0other bytes, the same plot"));
    const other = Buffer.concat([png.subarray(0, END), comment, png.subarray(END)]);
    await writeFile(join(base, second), other);
    await touch(second);
    assert.deepEqual((await line.run("get", "2025-11-02")).out, other);
    assert.match((await line.run("verify")).text, /^remark 2025-11-02 .* RECORD_BEHIND/m);
    assert.equal((await line.run("verify", "--repair")).status, 0);
    assert.deepEqual(await readFile(join(base, second)), other);
  });
});

test("the same picture on two days is whole where the plot wasn't renewed for a day", async () => {
  await keep([samplePng("same"), samplePng("same"), samplePng("another")]);
  assert.deepEqual([(await line.run("verify")).text, (await line.run("backup")).status], ["", 0]);
  const { out } = await line.run("get", "2025-11-02");
  assert.deepEqual(out, Buffer.from(samplePng("same")));
});

test("the same picture on two days is no damage where one day's record went over the other's, as its copy tells", async () => {
  await keep([samplePng("same"), samplePng("same"), samplePng("another")]);
  const whole = await contentsOf(base);
  const [record, other] = [first, second].map((key) => join(base, key.replace(".png", ".json")));
  await writeFile(other!, await readFile(record!));
  const { text } = await line.run("verify");
  assert.deepEqual(text.match(/(?<= )[A-Z]+_DAMAGED/g), ["RECORD_DAMAGED"], text);
  assert.equal((await line.run("verify", "--repair")).status, 0);
  assert.deepEqual(await contentsOf(base), whole);
});
