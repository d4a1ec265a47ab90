import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { digitize } from "../../src/digitizer/digitize.ts";
import { digitizeAll, type PoolJob } from "../../src/digitizer/pool.ts";
import { createPlotPainter } from "../../src/source/demo/draw-plot.ts";
import { noisyRows, START_MS } from "../support/drawn-trace.ts";

const painter = await createPlotPainter();
const plots = [1, 2, 3].map((seed) =>
  painter.draw({
    samples: noisyRows(1008, { seed }).map((row, k) => ({
      timeMs: START_MS + k * 600_000,
      rmsMv: 0.4 * 10 ** ((row - 100) / 140),
    })),
  }),
);
const jobs = (count: number): PoolJob<number>[] =>
  Array.from({ length: count }, (_, key) => ({ key, png: plots[key % plots.length]! }));

describe("digitizeAll", () => {
  test("reads each plot as it would be read alone, none twice and none lost", async () => {
    const progress: number[] = [];
    const readings = new Map<number, unknown>();
    for await (const { key, reading } of digitizeAll(jobs(12), {
      workers: 3,
      onProgress: (done) => progress.push(done),
    }))
      readings.set(key, reading);
    assert.deepEqual(
      progress,
      Array.from({ length: 12 }, (_, k) => k + 1),
    );
    assert.equal(readings.size, 12);
    for (const [index, png] of plots.entries()) assert.deepEqual(readings.get(index), digitize(png));
  });

  test("names the plots that are refused, and goes on", async () => {
    const results = new Map<string, string | undefined>();
    const batch = [
      { key: "html", png: new TextEncoder().encode("<html>") },
      { key: "plot", png: plots[0]! },
    ];
    for await (const { key, rejected } of digitizeAll(batch, { workers: 1 })) results.set(key, rejected);
    assert.deepEqual(
      [...results],
      [
        ["html", "Plot rejected: it is not a PNG"],
        ["plot", undefined],
      ],
    );
  });

  test("takes jobs only as threads come free, and lets go of them when the loop ends early", async () => {
    let taken = 0;
    let returned = false;
    async function* source(): AsyncGenerator<PoolJob<number>> {
      try {
        for (const job of jobs(100)) {
          taken++;
          yield job;
        }
      } finally {
        returned = true;
      }
    }
    for await (const _ of digitizeAll(source(), { workers: 2 })) break;
    assert.ok(taken <= 3, `${taken} taken`);
    assert.ok(returned);
  });

  test("stops with the signal's own reason", async () => {
    const stop = new AbortController();
    const reason = new Error("enough");
    await assert.rejects(async () => {
      for await (const _ of digitizeAll(jobs(50), { workers: 2, signal: stop.signal })) stop.abort(reason);
    }, reason);
    await assert.rejects(digitizeAll(jobs(1), { signal: AbortSignal.abort(reason) }).next(), reason);
  });

  test("ends at once where there is nothing to do", async () => {
    for await (const _ of digitizeAll([])) assert.fail();
  });
});
