import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { fitRobustLine } from "../../src/digitizer/robust-line.ts";

const points = (values: readonly number[]) => values.map((value, index) => ({ atPx: 100 + 65 * index, value }));

describe("fitRobustLine", () => {
  test("goes through all points of a line", () => {
    const line = fitRobustLine(points([0, 12, 24, 36]), 1.5, 1)!;
    assert.ok(Math.abs(line.perPx - 12 / 65) < 1e-12);
    assert.ok(Math.abs(line.atOrigin + 100 * line.perPx) < 1e-9);
    assert.ok(line.residualPx < 1e-9);
  });
  for (const { name, values } of [
    { name: "one misread", values: [0, 12, 84, 36, 48] },
    { name: "the first misread", values: [70, 12, 24, 36, 48] },
    { name: "two misread the same way", values: [0, 12, 94, 36, 118, 60] },
  ])
    test(`isn't moved by ${name}`, () => {
      const line = fitRobustLine(points(values), 1.5, 1)!;
      assert.ok(Math.abs(line.perPx - 12 / 65) < 1e-12, String(line.perPx));
    });
  test("knows that amplitudes fall as rows grow", () => {
    const line = fitRobustLine(points([1, 0, 1]), 1.5, -1)!; // 10^1, 10^0, and 10^-1 whose sign was lost
    assert.deepEqual(
      line.inliers.map(({ value }) => value),
      [1, 0],
    );
  });
  test("is none through a single point, or points at one value", () => {
    assert.equal(fitRobustLine(points([5]), 1.5, 1), undefined);
    assert.equal(fitRobustLine(points([5, 5, 5]), 1.5, 1), undefined);
  });
  test("is right to a fraction of a pixel where each point is rounded to one", () =>
    fc.assert(
      fc.property(
        fc.double({ min: 20, max: 90, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (stepPx, offset) => {
          const rounded = Array.from({ length: 14 }, (_, i) => ({
            atPx: Math.round(80 + offset + i * stepPx),
            value: i,
          }));
          const line = fitRobustLine(rounded, 1.5, 1)!;
          assert.ok(Math.abs((0 - line.atOrigin) / line.perPx - (80 + offset)) < 0.5);
        },
      ),
    ));
});
