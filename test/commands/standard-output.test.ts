/** What the program prints into a file: all of it, or one line that says what went wrong. In a process of its own. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, test } from "vitest";
import { Day } from "../../src/model/day.ts";
import { demoPlots } from "../../src/source/demo.ts";
import { openCommandLine, type CommandLine } from "../support/command-line.ts";
import { thisRuntime } from "../support/runtimes.ts";
import { mayMount, mountDisk } from "../support/small-disk.ts";

const MAIN = fileURLToPath(new URL("../../src/start.js", import.meta.url));
const DAY = Day.parse("2025-11-03");
const COMMANDS = [
  ["list"],
  ["list", "--json"],
  ["get", DAY],
  ["data", DAY],
  ["data", DAY, "--csv"],
  ["tremor", "--start", "2025-11-01", "--end", "2025-11-04"],
  ["tremor", "--start", "2025-11-01", "--end", "2025-11-04", "--csv"],
  ["--version"],
  ["--help"],
] as const;

let line: CommandLine;
beforeAll(async () => {
  line = await openCommandLine();
  for await (const { png } of demoPlots({ from: DAY, to: DAY, sourceUrl: "demo" })) {
    const path = join(line.folder, "plot.png");
    await writeFile(path, png);
    assert.equal((await line.run("archive", "--file", path, "--date", DAY)).status, 0);
  }
});
afterAll(() => line[Symbol.asyncDispose]());

/** @param into the file that is its standard output */
function printInto(into: string, args: readonly string[]): { status: number | null; said: string } {
  const out = openSync(into, "w");
  const { command, args: flags } = thisRuntime;
  const env = { PATH: process.env["PATH"], ...line.environment };
  const { status, stderr } = spawnSync(command, [...flags, MAIN, ...args], { stdio: ["ignore", out, "pipe"], env });
  closeSync(out);
  return { status, said: stderr.toString() };
}

const FULL = "etna-archive: Cannot write standard output: ENOSPC\n";

describe.skipIf(!existsSync("/dev/full"))("on a device that is full (skipped where there is none)", () => {
  for (const args of COMMANDS)
    test(`\`${args.join(" ")}\` says so in one line, and fails`, () =>
      assert.deepEqual(printInto("/dev/full", args), {
        status: 1,
        said: (args.join() === "list" ? "1 archive\n" : "") + FULL, // it tells people how many there are
      }));
});

const canMount = await mayMount();
describe.skipIf(!canMount)("on a disk that gets full (skipped where mounting isn't permitted)", () => {
  test("`get` fails where the picture has room in part, and gives all of it where there is enough", async () => {
    const whole = (await line.run("get", DAY)).out;
    for (const { size, ended } of [
      { size: "8k", ended: { status: 1, said: FULL } },
      { size: "1m", ended: { status: 0, said: "" } },
    ]) {
      await using disk = await mountDisk(size);
      const path = join(disk.path, "plot.png");
      assert.ok(whole.length > 8192);
      assert.deepEqual(printInto(path, ["get", DAY]), ended);
      if (ended.status === 0) assert.deepEqual(await readFile(path), whole);
    }
  });
});

test("into a file, all is as it is elsewhere", async () => {
  await mkdir(join(line.folder, "printed"));
  for (const args of COMMANDS) {
    const path = join(line.folder, "printed", "out");
    assert.equal(printInto(path, args).status, 0);
    assert.deepEqual(await readFile(path), (await line.run(...args)).out, args.join(" "));
  }
});
