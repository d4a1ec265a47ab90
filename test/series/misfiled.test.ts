import assert from "node:assert/strict";
import { describe, test } from "vitest";
import type { Day } from "../../src/model/day.ts";
import { findMisfiled } from "../../src/series/misfiled.ts";

const instant = (text: string): number => Date.parse(`2025-${text}Z`);
/** Archive days and the last instants of the pictures under them, month and day alone. */
const filed = (plots: Record<string, string>) =>
  Object.entries(plots).map(([day, last]) => ({ day: `2025-${day}` as Day, lastMs: instant(last) }));

describe("findMisfiled", () => {
  for (const { name, plots, expected } of [
    {
      name: "leaves plots alone that end on their day",
      plots: { "03-01": "03-01T23:30", "03-02": "03-02T00:10" },
      expected: [],
    },
    { name: "leaves a curve alone that runs into the next hour", plots: { "03-01": "03-02T00:50" }, expected: [] },
    { name: "names a plot that shows the next day", plots: { "03-01": "03-02T01:00" }, expected: ["03-01"] },
    {
      name: "leaves stale plots alone, by hours or by days",
      plots: { "03-01": "02-28T21:00", "03-02": "02-26T12:00", "03-03": "03-03T23:30" },
      expected: [],
    },
    {
      name: "leaves one picture alone that was served for a week",
      plots: Object.fromEntries(["01", "02", "03", "04", "05", "06"].map((day) => [`03-${day}`, "03-01T12:00"])),
      expected: [],
    },
    {
      name: "names both of a pair",
      plots: { "03-01": "09-10T23:30", "03-02": "03-02T23:30", "09-10": "03-01T23:30" },
      expected: ["03-01", "09-10"],
    },
    {
      name: "names both of a pair of neighbours",
      plots: { "03-01": "03-02T23:30", "03-02": "03-01T23:30" },
      expected: ["03-01", "03-02"],
    },
    {
      name: "names all three that were swapped in a ring",
      plots: { "03-01": "05-01T23:30", "05-01": "07-01T23:30", "07-01": "03-01T23:30", "07-02": "07-01T20:00" },
      expected: ["03-01", "05-01", "07-01"],
    },
    {
      name: "names both of a pair of which one was stale before",
      plots: { "03-01": "09-08T12:00", "09-08": "09-08T23:30", "09-10": "03-01T23:30", "09-11": "09-10T12:00" },
      expected: ["03-01", "09-10"],
    },
    {
      name: "names the nearer one, where two could have been swapped with a stale one",
      plots: { "03-01": "09-08T12:00", "09-08": "09-08T23:30", "09-10": "03-01T23:30", "09-13": "02-27T12:00" },
      expected: ["03-01", "09-10"],
    },
    {
      name: "keeps a stale plot out of the exchange beside it",
      plots: { "03-01": "03-05T23:30", "03-02": "03-01T20:00", "03-05": "03-01T23:30", "03-06": "03-01T12:00" },
      expected: ["03-01", "03-05"],
    },
    {
      name: "names one that lies there alone, its own day being elsewhere whole",
      plots: { "03-01": "09-10T23:30", "09-10": "09-10T23:30", "09-11": "09-10T20:00" },
      expected: ["03-01"],
    },
  ] as { name: string; plots: Record<string, string>; expected: string[] }[])
    test(name, () =>
      assert.deepEqual(
        [...findMisfiled(filed(plots)).keys()].sort(),
        expected.map((day) => `2025-${day}`),
      ),
    );

  test("names a plot that was fetched on another day, whatever it shows", () => {
    const [plot] = filed({ "03-10": "03-09T12:00" });
    assert.equal(findMisfiled([{ ...plot!, fetchedMs: instant("03-10T12:00") }]).size, 0);
    assert.match(
      findMisfiled([{ ...plot!, fetchedMs: instant("03-09T12:20") }]).get(plot!.day)!,
      /^lies under 2025-03-10 but was fetched at 2025-03-09T12:20Z$/,
    );
  });

  test("tells what is wrong, in words", () => {
    const faults = findMisfiled(filed({ "03-01": "09-10T23:30", "09-10": "03-01T23:30" }));
    assert.deepEqual(
      [...faults.values()],
      [
        "lies under 2025-03-01 but shows tremor until 2025-09-10T23:30Z, after that day",
        "ends at 2025-03-01T23:30Z, days before 2025-09-10, and was swapped with the plot under 2025-03-01",
      ],
    );
  });
});
