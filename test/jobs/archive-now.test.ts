import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, describe, test } from "vitest";
import type { Archive } from "../../src/archive/archive.ts";
import { createArchive } from "../../src/archive/create-archive.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { openCatalog, type Catalog } from "../../src/catalog/catalog.ts";
import {
  createArchiveJob,
  type ArchiveJob,
  type ArchiveJobParts,
  type ArchiveNowResult,
} from "../../src/jobs/archive-now.ts";
import { cleanUp } from "../../src/jobs/cleanup.ts";
import { createDigitizer } from "../../src/jobs/digitizer.ts";
import { whyNotBelowDisk } from "../../src/jobs/emptied.ts";
import { followTree } from "../../src/jobs/follow-tree.ts";
import { rebuild } from "../../src/jobs/rebuild.ts";
import { Day } from "../../src/model/day.ts";
import { StoreFailed } from "../../src/model/errors.ts";
import { createIngvSource } from "../../src/source/ingv.ts";
import { demoPlots } from "../../src/source/demo.ts";
import { bytesOf16x16, idat, iend, ihdr, png } from "../support/build-png.ts";
import { startPlotServer, type PlotServer } from "../support/plot-server.ts";

const today = Day.parse("2025-11-04");
let nowMs: number;
let folder: string;
let plots: PlotServer;
let catalog: Catalog;

beforeEach(async () => {
  nowMs = Date.parse("2025-11-04T12:25:00Z");
  folder = await mkdtemp(join(tmpdir(), "etna-jobs-"));
  plots = await startPlotServer();
  catalog = openCatalog(join(folder, "catalog.sqlite"));
});
afterEach(async () => {
  catalog[Symbol.dispose]();
  await plots[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** A whole picture of its own; it shows no curve. */
const picture = (seed: number): Buffer =>
  png(ihdr(), idat(Buffer.alloc(bytesOf16x16(24), seed % 5)), iend(), Buffer.from([seed]));

function parts(changes: Partial<ArchiveJobParts> = {}): ArchiveJobParts {
  const clock = (): number => nowMs;
  const asked = changes.catalog ?? catalog;
  const archive: Archive = createArchive(createFsStore({ basePath: join(folder, "archives"), clock }), {
    clock,
    whyGone: () => whyNotBelowDisk({ archive, catalog: asked }),
  });
  return {
    source: createIngvSource({ url: plots.url, version: "0", clock, pause: () => Promise.resolve() }),
    archive,
    catalog,
    log: pino({ level: "silent" }),
    digitizer: createDigitizer(),
    clock,
    sourceUrl: plots.url,
    policy: { retentionDays: 3, keepSeries: true },
    ...changes,
  };
}
const startJob = (changes: Partial<ArchiveJobParts> = {}): ArchiveJob => createArchiveJob(parts(changes));
const pathOf = (name: string): string => join(folder, "archives/2025/11/04", name);

function archived(result: ArchiveNowResult): Extract<ArchiveNowResult, { day: unknown }> {
  if (result.outcome === "FAILED") throw result.error;
  return result;
}

describe("archiveNow", () => {
  test("fetches the plot, keeps its bytes and writes the run down", async () => {
    plots.publish(picture(1), { "last-modified": "Tue, 04 Nov 2025 12:20:00 GMT" });
    await using job = startJob();
    const { outcome, run, day } = archived(await job.archiveNow("SCHEDULE"));
    assert.equal(outcome, "ARCHIVED");
    assert.deepEqual(await readFile(pathOf("etna_20251104.png")), picture(1));
    assert.deepEqual(catalog.findDay(today), day);
    assert.equal(day.lastModified, "Tue, 04 Nov 2025 12:20:00 GMT");
    assert.deepEqual(catalog.lastRun(), run);
    assert.deepEqual([run.trigger, run.outcome, run.day], ["SCHEDULE", "ARCHIVED", today]);
    assert.ok(catalog.findReading(today)?.problem, "a picture without a curve has a problem in words");
  });

  test("keeps the day's plot and its numbers when a later picture shows no curve, such as a page in maintenance", async () => {
    const [plot] = await Array.fromAsync(demoPlots({ from: today, to: today, sourceUrl: plots.url }));
    await using job = startJob();
    plots.publish(Buffer.from(plot!.png));
    nowMs = plot!.fetchedMs - 60_000;
    const first = archived(await job.archiveNow("SCHEDULE"));
    assert.equal(first.outcome, "ARCHIVED");
    const record = await readFile(pathOf("etna_20251104.json"));

    plots.publish(picture(1), { "last-modified": new Date(plot!.fetchedMs).toUTCString() });
    nowMs = plot!.fetchedMs;
    const { outcome, reason, day, newSamples } = archived(await job.archiveNow("SCHEDULE"));
    assert.deepEqual([outcome, day, newSamples], ["UNCHANGED", first.day, []]);
    assert.match(reason!, /no tremor could be read/);
    assert.deepEqual(await readFile(pathOf("etna_20251104.png")), Buffer.from(plot!.png));
    assert.deepEqual(await readFile(pathOf("etna_20251104.json")), record);

    const forced = { png: new Uint8Array(picture(1)), sourceUrl: "file:p.png", fetchedMs: nowMs, version: {} };
    assert.equal((await job.keepPlot(today, forced, { force: true })).outcome, "ARCHIVED");
    assert.deepEqual(await readFile(pathOf("etna_20251104.png")), picture(1));
  });

  for (const leavesFolder of [false, true])
    test(`keeps no plot below a disk that has gone, ${leavesFolder ? "where its folder is empty" : "where its folder is missing"}`, async () => {
      await using job = startJob();
      plots.publish(picture(1));
      archived(await job.archiveNow("SCHEDULE"));
      const [base, away] = [join(folder, "archives"), join(folder, "away")];
      await rename(base, away);
      if (leavesFolder) await mkdir(base);
      plots.publish(picture(2));
      for (let times = 0; times < 2; times++) {
        const { outcome, run } = await job.archiveNow("SCHEDULE");
        assert.deepEqual([outcome, run.errorCode], ["FAILED", "STORE_FAILED"]);
        assert.match(run.errorMessage!, /The archive is gone from its place.*Is its disk mounted\? .*`rebuild`/);
        await assert.rejects(followTree(parts()), /The archive is gone from its place/);
        // As an admin's cleanup does in a server: it leaves no lock there, which would tell of an archive in its place.
        await assert.rejects(cleanUp(parts()), /The archive is gone from its place/);
        assert.deepEqual(leavesFolder ? await readdir(base) : existsSync(base), leavesFolder ? [] : false);
      }
      const forced = { png: new Uint8Array(picture(3)), sourceUrl: "file:p.png", fetchedMs: nowMs, version: {} };
      assert.equal((await job.keepPlot(today, forced, { force: true })).outcome, "FAILED");

      await rm(base, { recursive: true, force: true });
      await rename(away, base);
      assert.equal((await job.archiveNow("SCHEDULE")).outcome, "ARCHIVED", "as soon as the disk is back");
      await rm(base, { recursive: true });
      assert.equal((await job.archiveNow("SCHEDULE")).outcome, "FAILED");
      await rebuild(parts());
      assert.equal(
        (await job.archiveNow("SCHEDULE")).outcome,
        "ARCHIVED",
        "once somebody has said that it was deleted",
      );
    });

  test("keeps the plot of an archive whose days were deleted, as its lock tells, and where the catalog can't tell", async () => {
    await using job = startJob();
    plots.publish(picture(1));
    archived(await job.archiveNow("SCHEDULE"));
    await rm(join(folder, "archives/2025"), { recursive: true });
    assert.equal((await job.archiveNow("SCHEDULE")).outcome, "ARCHIVED");
    await rm(join(folder, "archives"), { recursive: true });
    const untold = { ...catalog, totals: () => assert.fail("it can't be read") };
    await using blind = startJob({ catalog: untold });
    assert.equal((await blind.archiveNow("SCHEDULE")).outcome, "ARCHIVED");
  });

  test("asks for a newer plot only, and ends UNCHANGED where there is none", async () => {
    plots.publish(picture(1));
    await using job = startJob();
    await job.archiveNow("SCHEDULE");
    const { outcome, day } = archived(await job.archiveNow("SCHEDULE"));
    assert.deepEqual([outcome, day.day], ["UNCHANGED", today]);
    assert.deepEqual(plots.statuses, [200, 304]);
  });

  test("asks for a newer plot only where its URL redirects, too", async () => {
    plots.publish(picture(1));
    const { answer } = plots;
    plots.answer = (request, response) =>
      request.url === "/moved.png"
        ? answer(request, response)
        : response.writeHead(302, { location: "/moved.png" }).end();
    await using job = startJob();
    for (const outcome of ["ARCHIVED", "UNCHANGED"]) assert.equal((await job.archiveNow("SCHEDULE")).outcome, outcome);
    assert.deepEqual(plots.statuses, [302, 200, 302, 304]);
  });

  test("ends UNCHANGED over the same bytes under a new version", async () => {
    plots.publish(picture(1));
    await using job = startJob();
    await job.archiveNow("SCHEDULE");
    plots.publish(picture(1));
    assert.equal((await job.archiveNow("SCHEDULE")).outcome, "UNCHANGED");
    assert.deepEqual(plots.statuses, [200, 200]);
  });

  test("fetches the plot whole after midnight, though it is the one that it has seen", async () => {
    plots.publish(picture(1));
    await using job = startJob();
    await job.archiveNow("SCHEDULE");
    nowMs = Date.parse("2025-11-05T00:25:00Z");
    const { outcome, day } = archived(await job.archiveNow("SCHEDULE"));
    assert.deepEqual([outcome, day.day], ["ARCHIVED", "2025-11-05"]);
    assert.deepEqual(plots.statuses, [200, 200]);
  });

  for (const { name, damage } of [
    { name: "was removed", damage: () => rm(pathOf("etna_20251104.png")) },
    { name: "was cut off", damage: () => truncate(pathOf("etna_20251104.png"), 40) },
    { name: "lost its record", damage: () => rm(pathOf("etna_20251104.json")) },
    { name: "has a record that is no JSON", damage: () => writeFile(pathOf("etna_20251104.json"), "{") },
  ])
    test(`fetches the plot whole when today's archive ${name}, and mends it`, async () => {
      plots.publish(picture(1));
      await using job = startJob();
      await job.archiveNow("SCHEDULE");
      await damage();
      const { day } = archived(await job.archiveNow("SCHEDULE"));
      assert.deepEqual(plots.statuses, [200, 200]);
      assert.deepEqual(await readFile(pathOf("etna_20251104.png")), picture(1));
      assert.ok(day.sha256);
      assert.equal((await job.archiveNow("SCHEDULE")).outcome, "UNCHANGED");
      assert.deepEqual(plots.statuses, [200, 200, 304]);
    });

  describe("after a stop between the day's last picture and its record", () => {
    /** As a writer leaves it that is killed at that point, after the day's first plot. */
    async function stopped(left: Uint8Array): Promise<void> {
      plots.publish(picture(1));
      await using job = startJob();
      await job.archiveNow("SCHEDULE");
      await writeFile(pathOf("etna_20251104.png"), left);
      const laterS = nowMs / 1000 + 60;
      await utimes(pathOf("etna_20251104.png"), laterS, laterS);
      nowMs = Date.parse("2025-11-05T00:25:00Z");
    }
    const recordOf = async (): Promise<string> => readFile(pathOf("etna_20251104.json"), "utf8");

    test("the next day's first run mends the record, and the catalog knows", async () => {
      await stopped(picture(2));
      const sha256 = hash("sha256", picture(2));
      assert.ok(!(await recordOf()).includes(sha256));
      await using job = startJob();
      await job.archiveNow("SCHEDULE");
      assert.ok((await recordOf()).includes(sha256));
      assert.equal(catalog.findDay(today)?.sha256, sha256);
    });

    test("a picture that was put in place of an older day's is read, too", async () => {
      await stopped(picture(2));
      await using job = startJob();
      for (const day of ["2025-11-05", "2025-11-06"]) {
        nowMs = Date.parse(`${day}T00:25:00Z`);
        await job.archiveNow("SCHEDULE");
      }
      await writeFile(pathOf("etna_20251104.png"), picture(3));
      await utimes(pathOf("etna_20251104.png"), nowMs / 1000, nowMs / 1000);
      await followTree(parts());
      await job.archiveNow("SCHEDULE");
      assert.ok((await recordOf()).includes(hash("sha256", picture(3))));
    });

    test("a record that the disk didn't take or give just then is mended by a later run", async () => {
      await stopped(picture(2));
      let fails = true;
      const { archive } = parts();
      const mendRecord: Archive["mendRecord"] = (...asked) =>
        fails ? Promise.reject(new StoreFailed("Cannot write it: EMFILE")) : archive.mendRecord(...asked);
      await using job = startJob({ archive: { ...archive, mendRecord } });
      await job.archiveNow("SCHEDULE");
      fails = false;
      await job.archiveNow("SCHEDULE");
      assert.ok((await recordOf()).includes(hash("sha256", picture(2))));
    });

    test("a picture that can't be mended is tried once, and keeps no run from its work", async () => {
      await stopped(picture(2).subarray(0, 60));
      const before = await recordOf();
      const warned: string[] = [];
      const log = pino({ level: "warn" }, { write: (line: string) => void warned.push(line) });
      await using job = startJob({ log });
      for (const outcome of ["ARCHIVED", "UNCHANGED"])
        assert.equal((await job.archiveNow("SCHEDULE")).outcome, outcome);
      assert.equal(await recordOf(), before);
      assert.equal(warned.filter((line) => line.includes("could not be rebuilt")).length, 1);
    });
  });

  for (const { name, answer, code } of [
    { name: "HTML with status 200", answer: "<html>moved</html>", code: "PLOT_REJECTED" },
    { name: "half a picture", answer: picture(2).subarray(0, 60), code: "PLOT_REJECTED" },
    { name: "nothing", answer: "", code: "PLOT_REJECTED" },
  ])
    test(`fails over ${name} and leaves the day's archive as it was`, async () => {
      plots.publish(picture(1));
      await using job = startJob();
      await job.archiveNow("SCHEDULE");
      plots.answer = (_request, response) => response.end(answer);
      const result = await job.archiveNow("SCHEDULE");
      assert.equal(result.outcome, "FAILED");
      assert.deepEqual([result.run.errorCode, catalog.lastRun()?.errorCode], [code, code]);
      assert.deepEqual(await readFile(pathOf("etna_20251104.png")), picture(1));
    });

  test("joins a run that is under way and gets its result", async () => {
    plots.publish(picture(1));
    await using job = startJob();
    const [one, two] = await Promise.all([job.archiveNow("SCHEDULE"), job.archiveNow("ADMIN")]);
    assert.equal(one, two);
    assert.equal(catalog.listRuns({ limit: 10 }).length, 1);
  });

  test("archives a plot that the digitizer stumbles over", async () => {
    plots.publish(picture(1));
    await using job = startJob({ digitizer: { version: 1, read: () => Promise.reject(new Error("stumbled")) } });
    assert.equal((await job.archiveNow("SCHEDULE")).outcome, "ARCHIVED");
    assert.equal(catalog.findReading(today), undefined);
  });

  test("archives although the history can't be written", async () => {
    plots.publish(picture(1));
    const full = (): never => {
      throw new Error("database or disk is full");
    };
    await using job = startJob({ catalog: { ...catalog, startRun: full, putDay: full } });
    const { outcome, day } = archived(await job.archiveNow("SCHEDULE"));
    assert.deepEqual([outcome, day.day], ["ARCHIVED", today]);
  });

  test("tells of a run that ends after the catalog was lost in the new one, in the place of no other run", async () => {
    plots.publish(picture(1));
    const { answer } = plots;
    plots.answer = (request, response) => {
      rmSync(join(folder, "catalog.sqlite"));
      catalog.checkPlace();
      catalog.renew(() => {});
      catalog.startRun({ trigger: "COMMAND", startedMs: nowMs, fetches: false });
      answer(request, response);
    };
    await using job = startJob();
    const { run } = archived(await job.archiveNow("SCHEDULE"));
    assert.equal(run.outcome, "ARCHIVED");
    assert.deepEqual(catalog.lastRun(), run);
    assert.deepEqual(
      catalog.listRuns({ limit: 9 }).map(({ trigger, outcome }) => [trigger, outcome]),
      [
        ["SCHEDULE", "ARCHIVED"],
        ["COMMAND", undefined],
      ],
    );
  });

  test("cleans up after a new archive, and keeps the record of what it lets go", async () => {
    await using job = startJob();
    for (const date of ["2025-11-01", "2025-11-02", "2025-11-03"]) {
      nowMs = Date.parse(`${date}T12:00:00Z`);
      plots.publish(picture(Number(date.slice(-2))));
      await job.archiveNow("SCHEDULE");
    }
    nowMs = Date.parse("2025-11-04T12:00:00Z");
    plots.publish(picture(4));
    const { cleanup } = archived(await job.archiveNow("SCHEDULE"));
    assert.deepEqual(cleanup?.days, ["2025-11-01"]);
    assert.equal(catalog.totals().oldest, "2025-11-02");
    assert.ok(catalog.findReading(Day.parse("2025-11-01")));
  });

  /** Keeps a plot at noon of each of so many days. @returns what the last cleanup let go */
  async function archiveDaily(job: ArchiveJob, first: string, days: number): Promise<readonly string[]> {
    let gone: readonly string[] = [];
    for (let at = 0; at < days; at++) {
      nowMs = Date.parse(`${first}T12:00:00Z`) + at * 86_400_000;
      plots.publish(picture(((nowMs / 86_400_000) % 251) | 0));
      gone = archived(await job.archiveNow("SCHEDULE")).cleanup?.days ?? [];
    }
    return gone;
  }

  test("lets nothing go where the clock leaps ahead, until a week of pictures is there, or it is asked to", async () => {
    const policy = { retentionDays: 30, keepSeries: true };
    await using job = startJob({ policy });
    await archiveDaily(job, "2025-09-01", 30);
    assert.equal(catalog.totals().archives, 30);
    for (const leap of ["2025-11-20", "2031-10-20"]) {
      assert.deepEqual(await archiveDaily(job, leap, 1), []);
      assert.equal(catalog.totals().oldest, "2025-09-01");
    }
    await archiveDaily(job, "2025-10-01", 1);
    assert.equal(catalog.totals().oldest, "2025-09-02", "a day at a time goes as ever");
    assert.deepEqual(await archiveDaily(job, "2025-11-10", 6), []);
    assert.equal((await archiveDaily(job, "2025-11-16", 1)).length, 30);
    await archiveDaily(job, "2025-11-17", 5);
    assert.deepEqual(await archiveDaily(job, "2026-11-14", 1), []);
    assert.equal((await cleanUp(parts({ policy }))).days.length, 12);
  });

  test("cleans up where plots are archived but once a week", async () => {
    await using job = startJob({ policy: { retentionDays: -1, keepSeries: true } });
    for (let week = 0; week < 12; week++)
      await archiveDaily(job, new Date(Date.parse("2025-06-01") + week * 7 * 86_400_000).toISOString().slice(0, 10), 1);
    await using shorter = startJob({ policy: { retentionDays: 15, keepSeries: true } });
    assert.equal((await archiveDaily(shorter, "2025-08-24", 1)).length, 10);
  });

  test("tells who listens of new archives, and not of unchanged ones", async () => {
    plots.publish(picture(1));
    await using job = startJob();
    const heard: string[] = [];
    const stop = job.onArchived(({ day }) => heard.push(day));
    await job.archiveNow("SCHEDULE");
    await job.archiveNow("SCHEDULE");
    stop();
    plots.publish(picture(2));
    await job.archiveNow("SCHEDULE");
    assert.deepEqual(heard, [today]);
  });
});

describe("closing the job", () => {
  test("gives a fetch its grace, then ends it as a failed run", async () => {
    plots.answer = () => {}; // never answers
    const job = createArchiveJob(parts(), 50);
    const result = job.archiveNow("SCHEDULE");
    await job[Symbol.asyncDispose]();
    assert.equal((await result).outcome, "FAILED");
    assert.equal(catalog.lastRun()?.errorCode, "SHUTDOWN");
  });

  test("gives up waiting for another writer's lock", async () => {
    plots.publish(picture(1));
    const other = createFsStore({ basePath: join(folder, "archives") });
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    const locked = Promise.withResolvers<void>();
    const holding = other.exclusively(() => {
      locked.resolve();
      return held;
    });
    await locked.promise;
    const job = createArchiveJob(parts(), 50);
    const result = job.archiveNow("SCHEDULE");
    await job[Symbol.asyncDispose]();
    assert.equal((await result).run.errorCode, "SHUTDOWN");
    letGo();
    await holding;
  });

  test("lets a fetch finish that answers in time", async () => {
    let arrive: () => void = () => {};
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    plots.answer = (_request, response) => {
      arrive();
      setImmediate(() => response.end(picture(1)));
    };
    const job = startJob();
    const result = job.archiveNow("SCHEDULE");
    await arrived;
    await job[Symbol.asyncDispose]();
    assert.equal((await result).outcome, "ARCHIVED");
  });
});

describe("keepPlot", () => {
  test("keeps a picture at hand for its day, without a cleanup", async () => {
    await using job = startJob();
    const plot = {
      png: picture(1),
      sourceUrl: "file:mine.png",
      fetchedMs: Date.parse("2020-02-29T00:00:00Z"),
      version: {},
    };
    const { outcome, run, day, cleanup } = archived(await job.keepPlot(Day.parse("2020-02-29"), plot));
    assert.deepEqual([outcome, run.trigger, day.day, cleanup], ["ARCHIVED", "COMMAND", "2020-02-29", undefined]);
    assert.equal(day.sourceUrl, "file:mine.png");
  });
});

describe("rebuild", () => {
  test("makes the catalog again from the tree alone", async () => {
    plots.publish(picture(1));
    await using job = startJob();
    await job.archiveNow("SCHEDULE");
    using empty = openCatalog(":memory:");
    const { days, problems } = await rebuild(parts({ catalog: empty }));
    assert.deepEqual([days, problems], [1, []]);
    assert.deepEqual(empty.findDay(today), catalog.findDay(today));
    assert.deepEqual(empty.findReading(today), catalog.findReading(today));
  });

  test("makes the record of a picture that has none", async () => {
    plots.publish(picture(1));
    await using job = startJob();
    await job.archiveNow("SCHEDULE");
    await rm(pathOf("etna_20251104.json"));
    await rebuild(parts());
    assert.ok(catalog.findDay(today)?.sha256);
    assert.equal(catalog.findDay(today)?.sourceUrl, undefined);
  });

  test("reads again what an older digitizer has read, and leaves the rest alone", async () => {
    plots.publish(picture(1));
    await using job = startJob();
    await job.archiveNow("SCHEDULE");
    const asked: number[] = [];
    const digitizer = (version: number) => ({
      version,
      read: async (bytes: Uint8Array, fetchedMs: number) => {
        asked.push(version);
        return { ...(await createDigitizer().read(bytes, fetchedMs)), version };
      },
    });
    const { version } = createDigitizer();
    for (const next of [version, version + 1, version + 1]) await rebuild(parts({ digitizer: digitizer(next) }));
    assert.deepEqual(asked, [version + 1]);
    assert.equal(catalog.findReading(today)?.digitizerVersion, version + 1);
  });

  test("reports a damaged picture and goes on with the others", async () => {
    await using job = startJob();
    for (const date of ["2025-11-03", "2025-11-04"]) {
      nowMs = Date.parse(`${date}T12:00:00Z`);
      plots.publish(picture(Number(date.slice(-1))));
      await job.archiveNow("SCHEDULE");
    }
    await truncate(join(folder, "archives/2025/11/03/etna_20251103.png"), 50);
    const { days, problems } = await rebuild(parts());
    assert.equal(days, 2);
    assert.deepEqual(
      problems.map(({ day }) => day),
      ["2025-11-03"],
    );
    assert.equal(catalog.totals().archives, 2);
  });
});
