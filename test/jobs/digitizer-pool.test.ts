import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { createDigitizer } from "../../src/jobs/digitizer.ts";
import { openDigitizerPool } from "../../src/jobs/digitizer-pool.ts";
import { dayStartMs, Day } from "../../src/model/day.ts";
import { demoPlots } from "../../src/source/demo.ts";
import { samplePng } from "../support/sample-plot.ts";

const from = Day.parse("2025-03-01");

describe("the digitizer's pool", () => {
  test("reads as the digitizer alone does, each caller its own picture", async () => {
    const plots = await Array.fromAsync(demoPlots({ from, to: Day.parse("2025-03-03"), sourceUrl: "demo" }));
    await using pool = openDigitizerPool(2);
    const alone = createDigitizer();
    const read = await Promise.all(plots.map(({ png, fetchedMs }) => pool.read(png, fetchedMs)));
    for (const [at, { png, fetchedMs }] of plots.entries())
      assert.deepEqual(read[at], await alone.read(png, fetchedMs));
  });

  test("refuses what is no picture, and reads on", async () => {
    await using pool = openDigitizerPool(1);
    await assert.rejects(pool.read(Buffer.from("<html>"), dayStartMs(from)), { code: "PLOT_REJECTED" });
    assert.deepEqual((await pool.read(samplePng(1), dayStartMs(from))).samples, []);
  });

  test("tells whoever waits when it is closed", async () => {
    const pool = openDigitizerPool(1);
    const waiting = [1, 2, 3].map((seed) => assert.rejects(pool.read(samplePng(seed), 0), { code: "SHUTDOWN" }));
    await pool[Symbol.asyncDispose]();
    await Promise.all(waiting);
    await assert.rejects(pool.read(samplePng(4), 0), { code: "SHUTDOWN" });
  });
});
