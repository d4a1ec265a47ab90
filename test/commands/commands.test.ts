import assert from "node:assert/strict";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { gzipSync } from "node:zlib";
import type { GraphQLObjectType } from "graphql";
import { afterEach, beforeEach, describe, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { createAuth } from "../../src/api/auth.ts";
import { schema } from "../../src/api/graphql/schema.ts";
import { createArchive } from "../../src/archive/create-archive.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { runCommand } from "../../src/commands/run.ts";
import { addDays, Day, dayOf, dayStartMs } from "../../src/model/day.ts";
import { demoPlots } from "../../src/source/demo.ts";
import { mayMount, mountDisk } from "../support/small-disk.ts";
import { openCommandLine, type CommandLine } from "../support/command-line.ts";
import { startPlotServer } from "../support/plot-server.ts";
import { samplePlot, samplePng } from "../support/sample-plot.ts";
import { sharedPath } from "../support/shared-path.ts";
import { execute } from "../support/spoil.ts";
import { weekUpTo } from "../support/tremor.ts";

let line: CommandLine;
beforeEach(async () => {
  line = await openCommandLine();
});
afterEach(() => line[Symbol.asyncDispose]());

/** Keeps a picture of its own for each day. */
async function keep(...days: string[]): Promise<void> {
  for (const day of days) {
    const path = join(line.folder, `${day}.png`);
    await writeFile(path, samplePng(day));
    assert.equal((await line.run("archive", "--file", path, "--date", day)).status, 0);
  }
}

/** Keeps two plots of the demo, of 2025-11-02 and 2025-11-03. */
async function keepPlots(): Promise<void> {
  const days = { from: Day.parse("2025-11-02"), to: Day.parse("2025-11-03") };
  for await (const { png, fetchedMs } of demoPlots({ ...days, sourceUrl: "demo" })) {
    const date = dayOf(fetchedMs);
    await writeFile(join(line.folder, `${date}.png`), png);
    await line.run("archive", "--file", join(line.folder, `${date}.png`), "--date", date);
  }
}

describe("archive", () => {
  test("fetches the plot and keeps it for today", async () => {
    await using plots = await startPlotServer();
    plots.publish(samplePng(1));
    line.environment["INGV_URL"] = plots.url;
    const { status, text } = await line.run("archive");
    assert.deepEqual([status, text], [0, "ARCHIVED 2025-11-04 archives/2025/11/04/etna_20251104.png\n"]);
    assert.deepEqual((await line.run("get", "2025-11-04")).out, Buffer.from(samplePng(1)));
  });

  test("prints what GraphQL answers with --json", async () => {
    await keep("2025-11-04");
    const path = join(line.folder, "2025-11-04.png");
    const { outcome, run, archive, cleanup } = JSON.parse((await line.run("archive", "--file", path, "--json")).text);
    assert.deepEqual([outcome, run.trigger, cleanup], ["UNCHANGED", "COMMAND", null]);
    assert.deepEqual([archive.date, archive.width, archive.sourceUrl], ["2025-11-04", 96, "file:2025-11-04.png"]);
  });

  test("gzips with --compress", async () => {
    await writeFile(join(line.folder, "a.png"), samplePng(1));
    const { text } = await line.run("archive", "--file", join(line.folder, "a.png"), "--compress");
    assert.equal(text, "ARCHIVED 2025-11-04 archives/2025/11/04/etna_20251104.png.gz\n");
    assert.deepEqual((await line.run("get", "2025-11-04")).out, Buffer.from(samplePng(1)));
  });

  test("says that a picture older than the retention will go", async () => {
    await writeFile(join(line.folder, "a.png"), samplePng(1));
    const { status, said } = await line.run("archive", "--file", join(line.folder, "a.png"), "--date", "2024-02-29");
    assert.equal(status, 0);
    assert.match(said, /2024-02-29 is older than the 90 days/);
  });

  test("says that a picture isn't kept beside a fresher one, unless forced", async () => {
    const day = Day.parse("2025-11-03");
    const [older, newer] = await Array.fromAsync(demoPlots({ from: addDays(day, -1), to: day, sourceUrl: "-" }));
    const archive = async (name: string, png: Uint8Array, ...args: string[]) => {
      const file = join(line.folder, name);
      await writeFile(file, png);
      const { text, said } = await line.run("archive", "--file", file, "--date", day, ...args);
      return [text.split(" ")[0], said];
    };
    assert.deepEqual(await archive("newer.png", newer!.png), ["ARCHIVED", ""]);
    assert.deepEqual(await archive("newer.png", newer!.png), ["UNCHANGED", ""]);
    const [outcome, said] = await archive("older.png", older!.png);
    assert.equal(outcome, "UNCHANGED");
    assert.match(
      said!,
      /older\.png isn't kept: the day's plot ends \d+ (min|h|days) later \(--force replaces the plot of \S+\)$/,
    );
    assert.deepEqual(await archive("older.png", older!.png, "--force"), ["ARCHIVED", ""]);
  });

  test("never replaces a day's own picture by one of a later day, as a mistyped date names it, unless forced", async () => {
    const first = Day.parse("2025-11-01");
    const [own, later] = await Array.fromAsync(demoPlots({ from: first, to: addDays(first, 1), sourceUrl: "-" }));
    const archive = async ({ png }: { png: Uint8Array }, ...args: string[]) => {
      await writeFile(join(line.folder, "a.png"), png);
      return await line.run("archive", "--file", join(line.folder, "a.png"), "--date", first, ...args);
    };
    assert.match((await archive(own!)).text, /^ARCHIVED/);
    const { text, said } = await archive(later!);
    assert.match(text, /^UNCHANGED/);
    assert.match(said, /a\.png isn't kept: the plot shows tremor of after that day, and the day's doesn't \(--force /);
    assert.deepEqual((await line.run("get", first)).out, Buffer.from(own!.png));
    assert.match((await archive(later!, "--force")).text, /^ARCHIVED/);
    assert.match((await archive(own!)).text, /^ARCHIVED/, "and the day's own takes its place again");
  });

  test("fails with the reason when there is no such file", async () => {
    const { status, said } = await line.run("archive", "--file", join(line.folder, "none.png"));
    assert.equal(status, 1);
    assert.match(said, /Cannot read .*none\.png: ENOENT/);
  });

  test("fails over a picture that isn't whole, with --json too", async () => {
    await writeFile(join(line.folder, "half.png"), samplePng(1).subarray(0, 99));
    const { status, text } = await line.run("archive", "--json", "--file", join(line.folder, "half.png"));
    assert.equal(status, 1);
    assert.equal(JSON.parse(text).code, "PLOT_REJECTED");
  });

  for (const { day, status } of [
    { day: "2025-11-05", status: 0 }, // it may be that day by the clock of whoever names it
    { day: "2025-11-06", status: 2 },
    { day: "9999-12-31", status: 2 },
  ])
    test(`${status === 0 ? "takes" : "refuses"} a picture of ${day}, on 4 November 2025`, async () => {
      const file = join(line.folder, "plot.png");
      await writeFile(file, samplePng(1));
      const ended = await line.run("archive", "--file", file, "--date", day);
      assert.equal(ended.status, status, ended.said);
      if (status === 0) return;
      assert.match(ended.said, /^etna-archive: .* hasn't come yet: the last day that can be kept is 2025-11-05$/);
      const { text } = await line.run("archive", "--file", file, "--date", day, "--json");
      assert.equal((JSON.parse(text) as { code: string }).code, "INVALID_REQUEST");
      assert.equal((await line.run("list")).text, "");
    });

  test("keeps the published plot byte for byte", async ({ skip }) => {
    const path = sharedPath("graphs/real-ecbd-20250513.png");
    if (path === undefined) return skip("../shared is absent");
    await line.run("archive", "--file", path, "--date", "2025-05-13");
    assert.deepEqual((await line.run("get", "2025-05-13")).out, await readFile(path));
  });
});

describe("list", () => {
  test("is newest first, and bounded by --start and --end", async () => {
    await keep("2025-11-01", "2025-11-02", "2025-11-03");
    const dates = async (...args: string[]) =>
      JSON.parse((await line.run("list", "--json", ...args)).text).map(({ date }: { date: string }) => date);
    assert.deepEqual(await dates(), ["2025-11-03", "2025-11-02", "2025-11-01"]);
    assert.deepEqual(await dates("--start", "2025-11-02"), ["2025-11-03", "2025-11-02"]);
    assert.deepEqual(await dates("--start", "2025-11-03", "--end", "2025-11-01"), []);
  });
  test("prints the fields that GraphQL has with --json, but for the numbers, which data prints", async () => {
    await keep("2025-11-01");
    const [archive] = JSON.parse((await line.run("list", "--json")).text);
    const { data: _, newSamples: __, ...fields } = (schema.getType("Archive") as GraphQLObjectType).getFields();
    assert.deepEqual(Object.keys(archive).toSorted(), Object.keys(fields).toSorted());
  });

  test("says where a server of the same configuration has the picture", async () => {
    await keep("2025-11-01");
    const imageUrl = async (): Promise<string> => JSON.parse((await line.run("list", "--json")).text)[0].imageUrl;
    assert.equal(await imageUrl(), "http://127.0.0.1:5000/api/archives/graph/2025-11-01");
    line.environment["PUBLIC_URL"] = "https://etna.example.org/";
    assert.equal(await imageUrl(), "https://etna.example.org/api/archives/graph/2025-11-01");
    line.environment["READ_TOKEN"] = "read-by-this";
    const { pathname, searchParams } = new URL(await imageUrl());
    const auth = createAuth({ adminToken: "another", readToken: line.environment["READ_TOKEN"] });
    const day = pathname.split("/").at(-1)!;
    assert.ok(auth.isSigned(day, searchParams, dayStartMs(Day.parse("2025-11-04"))));
  });

  test("of an empty archive is empty", async () => {
    const { status, text, said } = await line.run("list");
    assert.deepEqual([status, text, said.split("\n")[0]], [0, "", "0 archives"]);
  });
});

describe("get", () => {
  test("writes into a file with -o", async () => {
    await keep("2025-11-04");
    const output = join(line.folder, "out.png");
    assert.equal((await line.run("get", "2025-11-04", "-o", output)).status, 0);
    assert.deepEqual(await readFile(output), Buffer.from(samplePng("2025-11-04")));
  });
  test("writes to standard output with -o -, as other programs do, and not into a file of that name", async () => {
    await keep("2025-11-04");
    const { status, out, said } = await line.run("get", "2025-11-04", "-o", "-");
    assert.deepEqual([status, out, said], [0, Buffer.from(samplePng("2025-11-04")), ""]);
  });
  test("writes no picture over a terminal, unless asked to", async () => {
    await keep("2025-11-04");
    const get = async (...args: string[]) => {
      const out = Object.assign(new PassThrough(), { isTTY: true });
      const said: string[] = [];
      const { environment } = line;
      const context = { environment, out, say: (text: string) => said.push(text), isTerminal: true, clock: Date.now };
      return { status: await runCommand(["get", "2025-11-04", ...args], context), bytes: out.readableLength, said };
    };
    const { status, bytes, said } = await get();
    assert.deepEqual([status, bytes], [2, 0]);
    assert.match(said.join(), /-o FILE/);
    assert.equal((await get("-o", "-")).bytes, samplePng("2025-11-04").length);
  });
  test("fails for a day that has no archive", async () => {
    const { status, text, said } = await line.run("get", "2025-11-03");
    assert.deepEqual([status, text], [1, ""]);
    assert.equal(said, "etna-archive: Archive not found for date 2025-11-03");
  });
  test("never gives out a damaged picture", async () => {
    await keep("2025-11-04");
    await writeFile(join(line.folder, "archives/2025/11/04/etna_20251104.png"), samplePng(1).subarray(0, 500));
    const { status, text, said } = await line.run("get", "2025-11-04");
    assert.deepEqual([status, text], [1, ""]);
    assert.match(said, /damaged/);
  });
});

describe("data", () => {
  test("of a picture without a curve is empty, and says why", async () => {
    await keep("2025-11-04");
    const { status, text, said } = await line.run("data", "2025-11-04", "--json");
    const { date, count, points, problem } = JSON.parse(text);
    assert.deepEqual([status, date, count, points], [0, "2025-11-04", 0, []]);
    assert.ok(problem && said.includes(problem));
  });
  test("prints CSV with a header", async () => {
    await keep("2025-11-04");
    assert.equal((await line.run("data", "2025-11-04", "--csv")).text, "timestamp,value\r\n");
  });
  test("fails for a day that nothing is known of", async () =>
    assert.equal((await line.run("data", "2025-11-03")).status, 1));
});

describe("tremor", () => {
  const range = ["--start", "2025-11-03", "--end", "2025-11-04"];
  test("prints the record of a day as people, programs and researchers read it", async () => {
    await keepPlots();
    const { status, text } = await line.run("tremor", ...range);
    assert.equal(status, 0);
    assert.match(text, /^2025-11-03T00:00:00Z {2}0\.\d+ mV\n/);
    assert.equal(text.trimEnd().split("\n").length, 144);
    const hours = (await line.run("tremor", ...range, "--step", "PT1H", "--csv")).text.trimEnd().split("\r\n");
    assert.equal(hours.length, 1 + 24);
    assert.match((await line.run("tremor", ...range, "--geocsv")).text, /^# dataset: GeoCSV 2\.0\n/);
    const { count, attribution } = JSON.parse((await line.run("tremor", ...range, "--json")).text);
    assert.equal(count, 144);
    assert.match(attribution, /INGV-OE/);
  });

  test("makes the record from the tree where the catalog is gone", async () => {
    await keepPlots();
    const { text } = await line.run("tremor", ...range, "--csv");
    line.environment["CATALOG_PATH"] = join(line.folder, "another.sqlite");
    assert.equal((await line.run("tremor", ...range, "--csv")).text, text);
  });

  test("makes the record anew where the catalog's isn't as it was written", async () => {
    await keepPlots();
    const { text } = await line.run("tremor", ...range, "--csv");
    execute(join(line.folder, "catalog.sqlite"), "UPDATE tremor SET samples = zeroblob(length(samples))");
    for (let times = 0; times < 2; times++) {
      const again = await line.run("tremor", ...range, "--csv");
      assert.deepEqual([again.status, again.text], [0, text]);
    }
  });

  test("judges the plots of a range by all that overlap them, also where only these are read", async () => {
    const archive = createArchive(createFsStore({ basePath: join(line.folder, "archives") }));
    for (let at = 0; at < 20; at++) {
      const day = addDays(Day.parse("2025-10-20"), at);
      const week = weekUpTo(dayStartMs(addDays(day, 1)));
      // Off the others for two hours, which only plots archived before the range tell.
      const from = day === "2025-11-03" ? Date.parse("2025-10-28T12:00:00Z") : Infinity;
      const samples = week.samples.map((sample) =>
        sample.timeMs >= from && sample.timeMs < from + 7_200_000 ? { ...sample, rmsMv: 2 * sample.rmsMv } : sample,
      );
      await archive.save(day, samplePlot(day, `${day}T23:55:00Z`), { reading: { ...week, samples } });
    }
    assert.equal((await line.run("list")).said, "20 archives");
    const { text } = await line.run("tremor", ...range, "--csv");
    assert.match(text, /^2025-11-03T00:00:00Z,.*,5,5,INGV-OE\r$/m, "six plots show it, and one is set aside");
    line.environment["CATALOG_PATH"] = join(line.folder, "another.sqlite");
    assert.equal((await line.run("tremor", ...range, "--csv")).text, text);
  });
});

test("what only reads answers the same where no catalog can be written", async () => {
  await keepPlots();
  const commands = [
    ["list"],
    ["list", "--json", "--start", "2025-11-03"],
    ["data", "2025-11-03", "--json"],
    ["tremor", "--start", "2025-11-03", "--end", "2025-11-04", "--csv"],
  ];
  const answers = await Promise.all(commands.map((command) => line.run(...command)));
  line.environment["CATALOG_PATH"] = join(line.folder, "2025-11-02.png", "catalog.sqlite"); // below a file
  for (const [index, command] of commands.entries()) {
    const { status, text, said } = await line.run(...command);
    assert.deepEqual([status, text], [0, answers[index]!.text], command.join(" "));
    assert.match(said, /The catalog .* can't be written, so the archive itself is read/);
  }
});

test.skipIf(!(await mayMount()))("what only reads answers the same where the disk of the catalog is full", async () => {
  await keepPlots();
  const commands = [["list"], ["data", "2025-11-03", "--json"]];
  const answers = await Promise.all(commands.map((command) => line.run(...command)));
  await using disk = await mountDisk("200k");
  line.environment["CATALOG_PATH"] = join(disk.path, "catalog.sqlite");
  for (const [index, command] of commands.entries()) {
    const { status, text, said } = await line.run(...command);
    assert.deepEqual([status, text], [0, answers[index]!.text], command.join(" "));
    assert.match(said, /The catalog .* can't be written, so the archive itself is read/);
  }
  const { status, said } = await line.run("rebuild");
  assert.deepEqual(
    [status, said.split("\n").at(-1)],
    [1, "etna-archive: Cannot use the catalog: database or disk is full"],
  );
});

describe("digitize", () => {
  /** A plot of the demo up to noon of the day. */
  async function drawPlot(): Promise<string> {
    const day = Day.parse("2025-11-03");
    const path = join(line.folder, "plot.png");
    for await (const { png } of demoPlots({ from: day, to: day, sourceUrl: "demo" })) await writeFile(path, png);
    return path;
  }

  test("prints what it reads in a plot that is no archive's", async () => {
    const { status, text, said } = await line.run("digitize", await drawPlot());
    const { station, windowStart, windowEnd, fidelity, calibration, points, problems } = JSON.parse(text);
    assert.deepEqual([status, said, station, problems], [0, "", "ECBD", []]);
    assert.deepEqual([points.length, points[0].timestamp, points.at(-1).timestamp], [1008, windowStart, windowEnd]);
    assert.deepEqual(Object.keys(points[0]), ["timestamp", "value", "clipped"]);
    assert.deepEqual([calibration.time.found, calibration.amplitude.found], ["labels", "labels"]);
    assert.ok(Math.min(...Object.values<number>(fidelity)) > 0.98);
  });

  test("prints the same numbers with --csv, in lines", async () => {
    const path = await drawPlot();
    const { points } = JSON.parse((await line.run("digitize", path, "--json")).text);
    const [head, ...rows] = (await line.run("digitize", path, "--csv")).text.trimEnd().split("\r\n");
    assert.equal(head, "timestamp,value,clipped");
    assert.deepEqual(
      rows,
      points.map(
        ({ timestamp, value, clipped }: Record<string, unknown>) => `${timestamp},${value},${clipped ? 1 : 0}`,
      ),
    );
  });

  test("draws what it read over the plot, into a file of its own", async () => {
    const path = await drawPlot();
    const [before, overlay] = [await readFile(path), join(line.folder, "overlay.png")];
    assert.equal((await line.run("digitize", path, "--overlay", overlay)).status, 0);
    const drawn = await readFile(overlay);
    assert.equal(drawn.readUInt32BE(16), 3 * before.readUInt32BE(16)); // its width: enlarged, to be judged at a look
    await symlink(path, join(line.folder, "link.png"));
    for (const same of [path, join(line.folder, "link.png")]) {
      const { status, text, said } = await line.run("digitize", path, "--overlay", same);
      assert.deepEqual([status, text], [2, ""]);
      assert.match(said, /would take the place of the plot itself/);
    }
    assert.deepEqual(await readFile(path), before);
  });

  test("fails, and says why, where there is no plot", async () => {
    const path = join(line.folder, "none.png");
    await writeFile(path, samplePng(1));
    const { status, text } = await line.run("digitize", path);
    assert.equal(status, 1);
    const { points, problems } = JSON.parse(text);
    assert.deepEqual([points, problems.length > 0], [[], true]);
    assert.match((await line.run("digitize", join(line.folder, "gone.png"))).said, /Cannot read .*gone\.png: ENOENT/);
  });
});

describe("cleanup", () => {
  test("lets go what --retention-days no longer keeps, after a dry run that doesn't", async () => {
    await keep("2025-11-01", "2025-11-03", "2025-11-04");
    const dry = JSON.parse((await line.run("cleanup", "--retention-days", "2", "--dry-run", "--json")).text);
    assert.deepEqual([dry.deletedCount, dry.dates, dry.dryRun], [1, ["2025-11-01"], true]);
    assert.equal((await line.run("list")).said, "3 archives");
    const wet = JSON.parse((await line.run("cleanup", "--retention-days", "2", "--json")).text);
    assert.deepEqual([wet.deletedCount, wet.freedBytes], [1, dry.freedBytes]);
    assert.equal((await line.run("list")).said, "2 archives");
  });
});

describe("import and rebuild", () => {
  test("take loose pictures by their days, wherever they lie", async () => {
    await mkdir(join(line.folder, "loose/below"), { recursive: true });
    await writeFile(join(line.folder, "loose/below/etna_20251101.png"), samplePng(1));
    await writeFile(join(line.folder, "loose/etna_20251102.png"), samplePng(2));
    await writeFile(join(line.folder, "loose/a-copy.png"), samplePng(3));
    await mkdir(join(line.folder, "loose/z"), { recursive: true });
    await writeFile(join(line.folder, "loose/z/etna_20251031.png"), samplePng(4));
    const { text } = await line.run("import", join(line.folder, "loose"), "--json");
    assert.deepEqual(JSON.parse(text), {
      archived: ["2025-10-31", "2025-11-01", "2025-11-02"],
      unchanged: 0,
      left: [],
      refused: [],
    });
  });

  test("refuse what has a picture's name and is none, say why, and take the rest", async () => {
    const loose = join(line.folder, "loose");
    await mkdir(join(loose, "deep/down"), { recursive: true });
    await writeFile(join(loose, "deep/down/etna_20251101.png.gz"), gzipSync(samplePng(1)));
    await writeFile(join(loose, "deep/etna_20250231.png"), samplePng(2));
    await writeFile(join(loose, "deep/etna_20251102.png"), samplePng(3).subarray(0, 9000));
    await writeFile(join(loose, "deep/etna_20251103.png.gz"), samplePng(4));
    await symlink(join(loose, "deep/down/etna_20251101.png.gz"), join(loose, "etna_20251030.png.gz"));
    await symlink(line.folder, join(loose, "elsewhere"));
    await symlink("../down", join(loose, "deep/down/latest")); // what lies there is found without it
    await writeFile(join(loose, "etna_20251029.png"), "");
    await writeFile(join(loose, "etna_20251106.png"), samplePng(6));
    const { status, text, said } = await line.run("import", loose, "--json");
    const { archived, refused } = JSON.parse(text) as {
      archived: string[];
      refused: { file: string; reason: string }[];
    };
    assert.deepEqual([status, archived], [1, ["2025-11-01"]]);
    const reasons = Object.fromEntries(refused.map(({ file, reason }) => [file, reason]));
    for (const [file, why] of [
      ["deep/etna_20250231.png", /no such day/],
      ["deep/etna_20251102.png", /Plot rejected/],
      ["deep/etna_20251103.png.gz", /no whole gzip/],
      ["etna_20251029.png", /Plot rejected/],
      ["etna_20251030.png.gz", /links are not followed/],
      ["elsewhere", /link to a folder; links are not followed/],
      ["etna_20251106.png", /2025-11-06 hasn't come yet/],
    ] as const)
      assert.match(reasons[file] ?? "", why, file);
    assert.equal(refused.length, 7);
    assert.match(said, /refused deep\/etna_20250231\.png: .*no such day/);
    using catalog = openCatalog(line.environment["CATALOG_PATH"]!, join(line.folder, "archives"));
    const [run] = catalog.listMaintenance({ limit: 2 });
    assert.deepEqual([run?.kind, run?.summary], ["IMPORT", "1 imported, 0 unchanged, 7 refused"]);
  });

  test("take a tree in and make its catalog again", async () => {
    await mkdir(join(line.folder, "old/2025/11/03"), { recursive: true });
    await writeFile(join(line.folder, "old/2025/11/03/etna_20251103.png"), samplePng(3));
    await writeFile(join(line.folder, "old/2025/11/03/etna_20251102.png"), "no picture");
    const { status, said } = await line.run("import", join(line.folder, "old"));
    assert.equal(status, 1, "something was refused");
    assert.match(said, /refused 2025\/11\/03\/etna_20251102\.png: .*\n1 imported, 0 unchanged, 1 refused/);
    line.environment["CATALOG_PATH"] = join(line.folder, "another.sqlite");
    assert.match((await line.run("rebuild")).said, /1 day, 0 with problems/);
    assert.equal((await line.run("list")).said, "1 archive");
  });
});

describe("wrong usage ends with status 2 and says why", () => {
  for (const [args, says] of [
    [["get", "2025-2-3"], /YYYY-MM-DD/],
    [["get", "2025-02-29"], /day that exists/],
    [["list", "--start", "yesterday"], /YYYY-MM-DD/],
    [["cleanup", "--retention-days", "0"], /0 would delete everything/],
    [["archive", "--date", "2025-11-04"], /go with --file/],
    [["data"], /missing required argument/],
    [["tremor", "--end", "2025-11-04"], /--start/],
    [["tremor", "--start", "2025-11-04", "--end", "2025-11-03"], /ends before it starts/],
    [["tremor", "--start", "2025-11-04", "--end", "soon"], /UTC day/],
    [["tremor", "--start", "2025-11-03", "--end", "2025-11-04", "--step", "PT5M"], /ten minutes/],
    [["tremor", "--start", "1900-01-01", "--end", "2100-01-01"], /longer step/],
    [["tremor", "--start", "0000-01-01T00:00:00Z", "--end", "2025-01-01"], /UTC day/],
    [["tremor", "--start", "2025-11-03", "--end", "2025-11-04", "--csv", "--json"], /cannot be used with/],
    [["tremor", "--start", "2025-11-03", "--end", "2025-11-04", "--csv", "--geocsv"], /cannot be used with/],
    [["erupt"], /unknown command/],
    [["list", "--colour"], /unknown option/],
    [["data", "2025-11-04", "--window", "week"], /day, plot/],
    [["data", "2025-11-04", "--csv", "--json"], /cannot be used with/],
    [["digitize", "plot.png", "--csv", "--json"], /cannot be used with/],
  ] as const)
    test(args.join(" "), async () => {
      const { status, text, said } = await line.run(...args);
      assert.deepEqual([status, text], [2, ""]);
      assert.match(said, says);
      assert.equal(said.match(/error:|etna-archive:/g)?.length, 1, said);
    });
});

describe("the program", () => {
  test("tells its version", async () => {
    const { status, text } = await line.run("--version");
    assert.deepEqual([status, text], [0, `${packageJson.version}\n`]);
  });

  test("explains itself and each command with --help", async () => {
    const { status, text } = await line.run("--help");
    assert.equal(status, 0);
    const names = [...text.matchAll(/^ {2}([a-z]+) .*$/gm)].map(([, name]) => name as string);
    assert.ok(names.includes("archive") && names.includes("rebuild"));
    for (const name of names) assert.equal((await line.run(name, "--help")).status, 0, name);
  });
  test("stops over a wrong variable with one line that names it", async () => {
    line.environment["PORT"] = "99999";
    const { status, said } = await line.run("list");
    assert.equal(status, 1);
    assert.match(said, /^etna-archive: PORT is wrong: .*$/);
  });
  for (const command of [["list"], ["get", "2025-11-04"], ["archive"]])
    test(`stops over a base path that is a file, in one line that names it: ${command[0]}`, async () => {
      const base = join(line.folder, "file");
      await writeFile(base, "");
      line.environment["ARCHIVE_BASE_PATH"] = base;
      const { status, said } = await line.run(...command);
      assert.equal(status, 1);
      assert.equal(said, `etna-archive: Cannot list the archive: not a directory (ENOTDIR): ${base}`);
    });
});
