import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { CHARACTERS } from "../../src/digitizer/glyphs/weights.ts";
import { readForm, toSlot } from "../../src/digitizer/date-slots.ts";
import { readTimeLabels } from "../../src/digitizer/time-labels.ts";
import { spell } from "./spelled-glyphs.ts";

/** The times that the likeliest reading gives to some labels, in the year 2025 where they name none. */
function timesOf(labels: readonly string[]): string[] {
  const [reading] = readTimeLabels(
    labels.map((label, index) => ({ atPx: 80 + 65 * index, glyphs: spell(label) })),
    2025,
  );
  return reading!.ticks.map(({ timeMs }) => new Date(timeMs).toISOString().slice(0, 16));
}

describe("time labels", () => {
  for (const [first, second, ...expected] of [
    ["06/05/25 H00", "06/05/25 H12", "2025-05-06T00:00", "2025-05-06T12:00"],
    ["30/12/2018 22:00", "31/12/2018 10:00", "2018-12-30T22:00", "2018-12-31T10:00"],
    ["2025-07-11 19:00", "2025-07-12 07:00", "2025-07-11T19:00", "2025-07-12T07:00"],
    ["2025-07-11T19:00", "2025-07-12T07:00", "2025-07-11T19:00", "2025-07-12T07:00"],
    ["2025-07-11T19:00Z", "2025-07-12T07:00Z", "2025-07-11T19:00", "2025-07-12T07:00"],
    ["2025-07-11T19:00:00Z", "2025-07-12T07:00:00Z", "2025-07-11T19:00", "2025-07-12T07:00"],
    ["2017-04-24", "2017-04-25", "2017-04-24T00:00", "2017-04-25T00:00"],
    ["2017/04/24 06:30", "2017/04/24 12:30", "2017-04-24T06:30", "2017-04-24T12:30"],
    ["28.02.24", "29.02.24", "2024-02-28T00:00", "2024-02-29T00:00"],
    ["28-02-2024", "29-02-2024", "2024-02-28T00:00", "2024-02-29T00:00"],
    ["06/05 00:00", "06/05 12:00", "2025-05-06T00:00", "2025-05-06T12:00"],
    ["08-07 13h", "09-07 01h", "2025-07-08T13:00", "2025-07-09T01:00"],
    ["9 nov 22:00", "10 nov 10:00", "2025-11-09T22:00", "2025-11-10T10:00"],
    ["30 giu 22:00", "1 lug 10:00", "2025-06-30T22:00", "2025-07-01T10:00"],
    ["25 Dec 2020", "26 Dec 2020", "2020-12-25T00:00", "2020-12-26T00:00"],
    ["Tue 06 May 18:00", "Wed 07 May 06:00", "2025-05-06T18:00", "2025-05-07T06:00"],
    ["dom 09/11", "lun 10/11", "2025-11-09T00:00", "2025-11-10T00:00"],
    ["05-AUG-19", "06-AUG-19", "2019-08-05T00:00", "2019-08-06T00:00"],
    ["12:00 21/06/21", "00:00 22/06/21", "2021-06-21T12:00", "2021-06-22T00:00"],
    ["26/06/24-12:00", "27/06/24-00:00", "2024-06-26T12:00", "2024-06-27T00:00"],
    ["26/06/24 H12:00", "27/06/24 H00:00", "2024-06-26T12:00", "2024-06-27T00:00"],
    ["26.06.2024 12.00", "27.06.2024 00.00", "2024-06-26T12:00", "2024-06-27T00:00"],
    // A separator was lost: too faint, or touching a digit.
    ["0509/26 H00", "0509/26 H12", "2026-09-05T00:00", "2026-09-05T12:00"],
    ["29.012023 12:00", "30.012023 00:00", "2023-01-29T12:00", "2023-01-30T00:00"],
    ["26/06/24-12:00", "27/06/240000", "2024-06-26T12:00", "2024-06-27T00:00"],
    ["2025-08-13T1200", "2025-08-14T0000", "2025-08-13T12:00", "2025-08-14T00:00"],
    ["12/062025 00:00", "13062025 00:00", "2025-06-12T00:00", "2025-06-13T00:00"],
    ["21.0324 H13", "220324 H13", "2024-03-21T13:00", "2024-03-22T13:00"],
    // A year's first digit was cut off at the picture's edge, or is a stump that looks like another one.
    ["025-05-16 12:00:00", "025-05-17 00:00:00", "2025-05-16T12:00", "2025-05-17T00:00"],
    ["7026-10-28T23:00Z", "7026-10-29T11:00Z", "2026-10-28T23:00", "2026-10-29T11:00"],
    // A thin slash broke in two.
    ["01/08/^24 H12", "02v^08/^24 H00", "2024-08-01T12:00", "2024-08-02T00:00"],
    // The bar of an H is too faint.
    ["29/02/24 1 100", "01/03/24 1 100", "2024-02-29T00:00", "2024-03-01T00:00"],
    ["29/02/24 1100", "29/02/24 2300", "2024-02-29T11:00", "2024-02-29T23:00"],
    ["30/04/24 H24", "01/05/24 H12", "2024-05-01T00:00", "2024-05-01T12:00"],
  ] as const)
    test(`${first}, ${second}`, () => assert.deepEqual(timesOf([first, second]), expected));

  test("of a year aren't taken for a time by one label that was misread", () => {
    const times = ["2024-02-01T00:00", "2024-02-02T00:00"];
    assert.deepEqual(timesOf(["01 Feb 2024", "02 Feb 2024", "554 Feb 2024"]), times);
  });
  test("of a month first are read so where the day rules the other way out", () =>
    assert.deepEqual(timesOf(["12-30 08:00", "12-31 08:00"]), ["2025-12-30T08:00", "2025-12-31T08:00"]));
  test("whose first zeros are cut off on their left, and look like a 3, aren't of a year each", () => {
    const labels = ["02/09/25 H04", "03/09/25 H04", "04/09/25 H04", "05/09/25 H04"].map((label, index) => ({
      atPx: 65 * index,
      glyphs: spell(label, { 0: { "0": -5, "3": -0.05 } }),
    }));
    const times = readTimeLabels(labels, 2025)[0]!.ticks.map(({ timeMs }) => new Date(timeMs).toISOString());
    assert.deepEqual(
      times.map((iso) => iso.slice(0, 10)),
      ["2025-09-02", "2025-09-03", "2025-09-04", "2025-09-05"],
    );
  });
  test("with a thin 4 whose corner stands alone as a point are read without that", () => {
    assert.deepEqual(timesOf(["202.4-01-15", "202.4-01-17"]), ["2024-01-15T00:00", "2024-01-17T00:00"]);
    // A lost point is likelier, where another one was found.
    assert.deepEqual(timesOf(["21.0324 H13", "22.0324 H13"]), ["2024-03-21T13:00", "2024-03-22T13:00"]);
  });
  test("that could be either are offered both ways, the day first", () => {
    const labels = ["05-06 00:00", "05-07 00:00"].map((label, index) => ({ atPx: 65 * index, glyphs: spell(label) }));
    const days = readTimeLabels(labels, 2025).map(({ ticks }) =>
      ticks.map(({ timeMs }) => new Date(timeMs).getUTCDate()),
    );
    assert.deepEqual(days.slice(0, 2), [
      [5, 5],
      [6, 7],
    ]);
  });
  test("whose date does not exist are left out", () =>
    assert.deepEqual(timesOf(["28/02/50 H00", "29/02/50 H00", "01/03/50 H00"]), [
      "2050-02-28T00:00",
      "2050-03-01T00:00",
    ]));
  test("have slashes of pieces that look like it, not of letters", () => {
    const score = (label: string): number => readForm(spell(label).map(toSlot), "dd**mm**yy", 2025).score;
    assert.ok(score("14Ma05^/26") < score("14^/05^/26") - 0.5);
  });
  test("have months of letters that make a name", () => {
    const time = (label: string): number => readForm(spell(label).map(toSlot), "ddnnnyyyyhhii", 2025).timeMs;
    assert.ok(!Number.isNaN(time("17Apr20210010")) && Number.isNaN(time("1782020210010")));
  });
  test("have years of a known century, however badly its digits read", () => {
    // A 2 that reads as an X, or else a 3, and a 0 that reads as a bracket, or else a 3.
    const damaged = spell("18Sep20240300").map((glyph, index) => {
      if (index !== 5 && index !== 6) return glyph;
      const scores = glyph.scores.map((score, c) => (c === CHARACTERS.indexOf("3") ? -2 : score - 4));
      return { ...glyph, scores };
    });
    const { timeMs } = readForm(damaged.map(toSlot), "ddnnnyyyyhhii", 2025);
    assert.equal(new Date(timeMs).toISOString(), "2024-09-18T03:00:00.000Z");
  });
  test("with one character in doubt are read by their form", () => {
    const labels = [
      { atPx: 0, glyphs: spell("06/05/25 H00", { 0: "O" }) },
      { atPx: 65, glyphs: spell("06/05/25 H12", { 9: "l" }) },
    ];
    const [reading] = readTimeLabels(labels, 2025);
    assert.deepEqual(
      reading!.ticks.map(({ timeMs }) => new Date(timeMs).toISOString().slice(0, 13)),
      ["2025-05-06T00", "2025-05-06T12"],
    );
  });
  test("tell which digit of the date reads worst, be it of one that all of them share", () => {
    const weakest = (faint: Record<number, string>): number => {
      const glyphs = (text: string) =>
        spell(text).map((glyph, index) =>
          index in faint ? { ...glyph, scores: glyph.scores.map((score) => score - 4) } : glyph,
        );
      return readTimeLabels(
        ["06/05/25 H00", "06/05/25 H12"].map((text, index) => ({ atPx: 65 * index, glyphs: glyphs(text) })),
        2025,
      )[0]!.weakest;
    };
    assert.ok(weakest({}) > -0.2 && weakest({ 9: "hour" }) > -0.2);
    assert.ok(weakest({ 7: "year" }) < -4 && weakest({ 4: "month" }) < -4);
  });
  test("tell a digit of the month that is as likely another one from one that merely reads badly", () => {
    const weakest = (five: number): number => {
      const glyphs = (text: string) =>
        spell(text).map((glyph, index) =>
          index === 4
            ? { ...glyph, scores: glyph.scores.with(CHARACTERS.indexOf("9"), -1.3).with(CHARACTERS.indexOf("5"), five) }
            : glyph,
        );
      return readTimeLabels(
        ["19/09/25 H00", "19/09/25 H12"].map((text, index) => ({ atPx: 65 * index, glyphs: glyphs(text) })),
        2025,
      )[0]!.weakest;
    };
    assert.ok(Math.abs(weakest(-3) + 1.3) < 1e-9 && Math.abs(weakest(-1.5) + 2.1) < 1e-9);
  });
  test("that are no dates give none", () =>
    assert.deepEqual(readTimeLabels([{ atPx: 0, glyphs: spell("RMS") }], 2025), []));
});
