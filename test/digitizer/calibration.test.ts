import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import { calibratePlot } from "../../src/digitizer/calibration.ts";
import { decodePng } from "../../src/digitizer/png.ts";
import { sharedPath } from "../support/shared-path.ts";
import { createCanvas } from "./canvas.ts";

const MINUTE_MS = 60_000;
/** Beside the repository only: plots with what is true of them. */
const graphs = sharedPath("graphs");
const names = graphs === undefined ? [] : readdirSync(graphs).filter((name) => name.endsWith(".png"));

/** What is true of a drawn plot, or was measured in the published one. */
interface Truth {
  station: string;
  title: string;
  axisStart: string;
  axisEnd: string;
  yMin: number;
  yMax: number;
  plotArea: { x0: number; y0: number; x1: number; y1: number };
}

describe.skipIf(graphs === undefined)("every plot beside the repository is calibrated by its own labels", () => {
  for (const name of names)
    test(name, () => {
      const truth = JSON.parse(readFileSync(join(graphs!, name.replace(".png", ".json")), "utf8")) as Truth;
      const { calibration, station, title, problems } = calibratePlot(decodePng(readFileSync(join(graphs!, name))))!;
      const { time, amplitude, plotArea } = calibration;
      const { x0, y0, x1, y1 } = truth.plotArea;
      assert.deepEqual(plotArea, { leftPx: x0, topPx: y0, rightPx: x1, bottomPx: y1 });
      assert.deepEqual([time.found, amplitude.found, amplitude.scale], ["labels", "labels", "log"]);
      for (const [found, expected] of [
        [time.startMs, truth.axisStart],
        [time.endMs, truth.axisEnd],
      ] as const)
        assert.ok(
          Math.abs(found - Date.parse(expected)) <= 5 * MINUTE_MS,
          `${new Date(found).toISOString()}, drawn ${expected}`,
        );
      assert.deepEqual([amplitude.minMv, amplitude.maxMv], [truth.yMin, truth.yMax]);
      assert.deepEqual([station, title?.toUpperCase(), problems], [truth.station, truth.title.toUpperCase(), []]);
    });
});

describe("a frame without labels", () => {
  const reading = calibratePlot(createCanvas(1024, 400).frame(80, 27, 994, 300), {
    fetchedMs: Date.parse("2025-05-13T00:31:00Z"),
  })!;
  test("is assumed to span seven days and an hour, up to the hour after the fetch", () => {
    const { time } = reading.calibration;
    assert.equal(time.found, "assumed");
    assert.deepEqual(
      [time.startMs, time.endMs].map((timeMs) => new Date(timeMs).toISOString()),
      ["2025-05-06T00:00:00.000Z", "2025-05-13T01:00:00.000Z"],
    );
    assert.ok(Math.abs(time.originMs + 994 * time.msPerPx - time.endMs) < 1);
  });
  test("is assumed to go from 0.1 to 10 mV", () => {
    const { amplitude } = reading.calibration;
    assert.deepEqual([amplitude.found, amplitude.minMv, amplitude.maxMv], ["assumed", 0.1, 10]);
    assert.ok(Math.abs(amplitude.atRow0 + 300 * amplitude.perPx + 1) < 1e-9);
  });
  test("says so", () => assert.equal(reading.problems.length, 3));
});

test("gridlines are found by their feet where every other pixel of them is drawn, of which a look at some rows sees none", () => {
  const columns = [145, 210, 275, 340, 405];
  const drawn = createCanvas(1024, 800).fill(80, 27, 994, 700, [190, 235, 190]);
  for (const x of columns) for (let y = 29; y < 700; y += 2) drawn.fill(x, y, x, y, [128, 128, 128]);
  assert.deepEqual(calibratePlot(drawn.frame(80, 27, 994, 700))!.gridColumnsPx, columns);
});

test("a picture without axes is no plot", () => assert.equal(calibratePlot(createCanvas(480, 300)), undefined));
