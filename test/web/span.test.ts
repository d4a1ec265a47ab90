import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { fitSpan, lengthOf, panSpan, parseSpan, presetSpan, stateOf, zoomSpan } from "../../src/web/record/span.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const at = (text: string): number => Date.parse(text);
const record = { startMs: at("2025-01-01T00:00Z"), endMs: at("2025-12-31T12:00Z") };
const week = { startMs: at("2025-06-01T00:00Z"), endMs: at("2025-06-08T00:00Z") };

describe("presetSpan", () => {
  test("ends with the record, and a little air", () => {
    const { startMs, endMs } = presetSpan("7d", record);
    assert.equal(startMs, record.endMs - 7 * DAY_MS);
    assert.ok(endMs > record.endMs && endMs < record.endMs + HOUR_MS);
  });

  for (const preset of ["all", "1y"] as const)
    test(`shows all of a record that is no longer: ${preset}`, () => {
      const { startMs, endMs } = presetSpan(preset, record);
      assert.ok(startMs < record.startMs && endMs > record.endMs);
    });
});

describe("fitSpan", () => {
  for (const { name, span, fitted } of [
    { name: "leaves alone what lies within", span: week, fitted: week },
    {
      name: "moves back what lies after the record, at its length",
      span: panSpan(week, 100),
      fitted: { startMs: record.endMs - 7 * 0.98 * DAY_MS, endMs: record.endMs + 7 * 0.02 * DAY_MS },
    },
    {
      name: "moves on what lies before it",
      span: panSpan(week, -100),
      fitted: { startMs: record.startMs - 7 * 0.02 * DAY_MS, endMs: record.startMs + 7 * 0.98 * DAY_MS },
    },
    {
      name: "never shows less than an hour, around the same middle",
      span: { startMs: at("2025-06-01T11:59Z"), endMs: at("2025-06-01T12:01Z") },
      fitted: { startMs: at("2025-06-01T11:30Z"), endMs: at("2025-06-01T12:30Z") },
    },
  ])
    test(name, () => assert.deepEqual(fitSpan(span, record), fitted));

  test("never shows more than all", () => {
    const { startMs, endMs } = fitSpan(zoomSpan(week, 1000), record);
    assert.equal(endMs - startMs, lengthOf(presetSpan("all", record)));
  });
});

test("zoomSpan leaves the instant that it zooms around where it is", () => {
  const around = week.startMs + 2 * DAY_MS;
  const near = zoomSpan(week, 0.5, around);
  assert.equal((around - near.startMs) / lengthOf(near), 2 / 7);
  assert.equal(lengthOf(near), 3.5 * DAY_MS);
});

describe("the address", () => {
  test("brings back what was shown", () => assert.deepEqual(parseSpan(stateOf(week)), week));
  test("brings back a preset", () => assert.equal(parseSpan(stateOf("30d")), "30d"));
  for (const state of [
    {},
    { span: "8d" },
    { from: "yesterday", to: "today" },
    { from: "2025-06-02", to: "2025-06-01" },
  ])
    test(`means seven days where it says ${JSON.stringify(state)}`, () => assert.equal(parseSpan(state), "7d"));
});
