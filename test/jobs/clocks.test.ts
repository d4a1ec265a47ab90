/** The right day each time: whatever the machine's time zone, on odd days, and when its clock jumps. */
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { startScript, thisRuntime } from "../support/runtimes.ts";
import { scratchFolder } from "../support/scratch.ts";

/** Runs, with the day that each of them keeps; and the days that are left, of which retention keeps two. */
const CASES: { name: string; runs: [instant: string, day: string][]; left: string[] }[] = [
  {
    name: "a leap day",
    runs: [
      ["2024-02-28T23:55:00Z", "2024-02-28"],
      ["2024-02-29T00:25:00Z", "2024-02-29"],
      ["2024-02-29T23:55:00Z", "2024-02-29"],
      ["2024-03-01T00:25:00Z", "2024-03-01"],
    ],
    left: ["2024-02-29", "2024-03-01"],
  },
  {
    name: "the end of a year",
    runs: [
      ["2025-12-31T23:55:00Z", "2025-12-31"],
      ["2026-01-01T00:25:00Z", "2026-01-01"],
    ],
    left: ["2025-12-31", "2026-01-01"],
  },
  {
    name: "the night in which summer begins, and the one in which it ends",
    runs: [
      ["2025-03-29T23:55:00Z", "2025-03-29"],
      ["2025-03-30T00:55:00Z", "2025-03-30"],
      ["2025-03-30T01:25:00Z", "2025-03-30"],
      ["2025-10-25T23:55:00Z", "2025-10-25"],
      ["2025-10-26T00:25:00Z", "2025-10-26"],
      ["2025-10-26T01:25:00Z", "2025-10-26"],
    ],
    left: ["2025-10-25", "2025-10-26"],
  },
  {
    name: "the day that Samoa left out",
    runs: [
      ["2011-12-29T23:55:00Z", "2011-12-29"],
      ["2011-12-30T09:55:00Z", "2011-12-30"],
      ["2011-12-30T10:25:00Z", "2011-12-30"],
    ],
    left: ["2011-12-29", "2011-12-30"],
  },
  {
    name: "a clock that jumps forth by a day, and back again",
    runs: [
      ["2025-11-04T12:25:00Z", "2025-11-04"],
      ["2025-11-05T12:55:00Z", "2025-11-05"],
      ["2025-11-04T13:25:00Z", "2025-11-04"],
    ],
    left: ["2025-11-04", "2025-11-05"],
  },
  {
    name: "a clock that jumps back by a day, and forth again",
    runs: [
      ["2025-11-04T12:25:00Z", "2025-11-04"],
      ["2025-11-03T12:55:00Z", "2025-11-03"],
      ["2025-11-04T13:25:00Z", "2025-11-04"],
    ],
    left: ["2025-11-03", "2025-11-04"],
  },
];

/** With their offset from UTC in November, in minutes, by which a test knows that the zone was taken. */
const ZONES = { "Europe/Rome": -60, "Pacific/Apia": -780, "America/St_Johns": 210 };

for (const [zone, offsetMinutes] of Object.entries(ZONES))
  describe(`in ${zone}`, () => {
    for (const { name, runs, left } of CASES)
      test(`${name}: each run keeps the UTC day's picture, and the cleanup counts from it`, async () => {
        await using scratch = await scratchFolder();
        await using child = startScript(
          "torture/clock-process.ts",
          [scratch.path, "2", ...runs.map(([instant]) => instant)],
          thisRuntime,
          { environment: { TZ: zone } },
        );
        const { value } = await child.lines.next();
        assert.equal(await child.ended, 0);
        const told = JSON.parse(value as string) as Record<"kept" | "left" | "next", string[]> & {
          offsetMinutes: number;
        };
        if (runs.at(-1)![0].startsWith("2025-11")) assert.equal(told.offsetMinutes, offsetMinutes);
        assert.deepEqual(
          told.kept,
          runs.map(([, day]) => `${day.replaceAll("-", "/")}/etna_${day.replaceAll("-", "")}.png`),
        );
        assert.deepEqual(told.left, left);
        const times = ["T00:30", "10-26T01:30", "02-29T12:00", "12-31T23:59"];
        assert.deepEqual(
          told.next.map((at, which) => at.endsWith(`${times[which]}:00.000Z`)),
          [true, true, true, true],
          told.next.join(),
        );
      });
  });
