/** The benchmark of the record in a short form: what it measures must hold for two months as for twenty years. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pino } from "pino";
import { expect, test } from "vitest";
import { createArchive } from "../../src/archive/create-archive.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { openThreadedDigitizer } from "../../src/jobs/digitizer.ts";
import { rebuild } from "../../src/jobs/rebuild.ts";
import { scratchFolder } from "../support/scratch.ts";
import { measureAccuracy } from "./record/accuracy.ts";
import { drawPlots, nameOf, simulate } from "./record/simulate.ts";

test("an archive with missing, stale and swapped pictures and a changed axis is read back as it was", async () => {
  const simulation = simulate({ days: 75, episodes: 3 });
  assert.ok(simulation.missing >= 6 && simulation.stale > 0);
  await using scratch = await scratchFolder();
  const base = join(scratch.path, "archives");
  for await (const { plot, png } of drawPlots(simulation, simulation.plots)) {
    const path = join(base, nameOf(plot));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, png);
  }

  using catalog = openCatalog(":memory:");
  await using digitizer = openThreadedDigitizer(2);
  const archive = createArchive(createFsStore({ basePath: base }));
  const progress: number[] = [];
  const { days, problems } = await rebuild(
    { archive, catalog, digitizer, log: pino({ level: "silent" }) },
    { concurrency: digitizer.atOnce, onProgress: (done) => progress.push(done) },
  );
  assert.deepEqual([days, problems], [simulation.plots.length, []]);
  assert.equal(progress.at(-1), days);

  const { shown, lacking, invented, record, singlePlots, setAside, episodes } = measureAccuracy(simulation, catalog);
  assert.equal(invented, 0);
  assert.equal(lacking, 0, `${lacking} of ${shown} samples are lacking`);
  assert.ok(record.median <= 0.26, `the median error is ${record.median} px`);
  assert.ok(record.p95 < singlePlots.p95, `${record.p95} px against ${singlePlots.p95} px of single plots`);
  assert.deepEqual(setAside, simulation.swapped);
  expect(episodes).toMatchObject({ truth: 3, found: 3, matched: 3 });
  assert.ok(episodes.worstOnsetMinutes <= 20 && episodes.worstEndMinutes <= 20);
  assert.ok(episodes.worstPeakPercent <= 2, `a peak is ${episodes.worstPeakPercent} % off`);
});
