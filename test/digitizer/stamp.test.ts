import assert from "node:assert/strict";
import { beforeAll, describe, test } from "vitest";
import { calibratePlot } from "../../src/digitizer/calibration.ts";
import { daysIn } from "../../src/digitizer/stamp.ts";
import type { TextLine } from "../../src/digitizer/text.ts";
import { draw, prepareDrawing } from "./drawn.ts";
import { spell } from "./spelled-glyphs.ts";

beforeAll(prepareDrawing);

const line = (text: string): TextLine => ({ glyphs: spell(text), text }) as unknown as TextLine;
const toDays = (times: readonly number[]): string[] => times.map((ms) => new Date(ms).toISOString().slice(0, 10));

describe("the day of a stamp is read in", () => {
  for (const [stamp, ...days] of [
    ["Updated: 22/09/2025 15:32", "2025-09-22"],
    ["Ultimo aggiornamento: 2022-01-26 11:19 UTC", "2022-01-26"],
    ["22.09.2025", "2025-09-22"],
    ["2020-01-20 19:30", "2020-01-20"],
    ["13:48 26/01/2022", "2022-01-26"],
    ["Last update 26 Jan 2022", "2022-01-26"],
    ["22/09/25 15:32", "2025-09-22"],
    ["09/22/2025", "2025-09-22"],
    ["Updated: 22/09/20251532 UTC", "2025-09-22"],
    ["22/09/202523:59", "2025-09-22"],
    ["24 Nov 2020 19:04", "2020-11-24"],
    ["24 Nov 2020 190431", "2020-11-24"],
    ["05/06/2020 07:19", "2020-06-05", "2020-05-06"],
    ["31/12/2024 - 03/01", "2024-12-31"],
    ["Updated: 2025 - 07 - 15 13:00", "2025-07-15"],
    ["15/07/2025 (station since 01/01/2020)", "2025-07-15", "2020-01-01"],
  ] as const)
    test(stamp, () => assert.deepEqual(toDays(daysIn([line(stamp)])), days));

  test("digits that look like letters", () => {
    const glyphs = spell("Updated: 27/D9/2D21", { 10: "D", 14: "D" });
    for (const { character, scores } of glyphs) if (character === "D") scores[0] = -2.3;
    assert.deepEqual(toDays(daysIn([{ glyphs, text: "Updated: 27/D9/2D21" } as unknown as TextLine])), ["2021-09-27"]);
  });
  test("no digits that look as much like an S, which any of several may", () => {
    const glyphs = spell("Updated: 03/03/202S", { 18: "S" });
    glyphs[17]!.scores[5] = -1.5;
    assert.deepEqual(toDays(daysIn([{ glyphs, text: "Updated: 03/03/202S" } as unknown as TextLine])), []);
  });
  test("one separator that looks like another, is lost or fell in two", () => {
    assert.deepEqual(toDays(daysIn([line("2021-02:15 01:34")])), ["2021-02-15"]);
    assert.deepEqual(toDays(daysIn([line("2D21-02:15 01:34")])), []);
    assert.deepEqual(toDays(daysIn([line("2608/2024 19:12")])), ["2024-08-26"]);
    assert.deepEqual(toDays(daysIn([line("Updated: 17/^10/2026 07:32")])), ["2026-10-17"]);
  });

  test("both slashes that fell in two, of which one piece hardly looks like a digit", () => {
    const text = "Updated: 29/108/12024 00:10";
    const glyphs = spell(text);
    for (const piece of [11, 15]) glyphs[piece]!.scores[1] = -1.7;
    assert.deepEqual(toDays(daysIn([{ glyphs, text } as unknown as TextLine])), ["2024-08-29"]);
  });

  for (const text of [
    "Updated at 15:32",
    "RMS 1/10/100",
    "31/02/2025",
    "ID 85-06-2025",
    "22/09/25",
    "19/09/12022 00:37",
    "15/07/20214 23:47",
    "15/07/202142347",
    "22/09/20 151210",
    "15/07/20212447",
    "2O25-O6-29 15:35",
    "",
  ])
    test(`no "${text}"`, () => assert.deepEqual(daysIn([line(text)]), []));
});

/** A plot of seven days from 8 July, whose labels name no year. */
function readPlot(stamp: string, madeMs?: number): ReturnType<typeof calibratePlot> {
  const labels = Array.from({ length: 15 }, (_, index) => {
    const label = new Date(Date.UTC(2001, 6, 8, 13 + 12 * index)).toISOString();
    const x = 80 + (914 * index) / 14 + 4;
    const text = `${label.slice(8, 10)}/${label.slice(5, 7)} ${label.slice(11, 16)}`;
    return `<text transform="translate(${x.toFixed(1)} 374) rotate(-90)" font-size="11">${text}</text>`;
  });
  const frame = `<rect x="80.5" y="40.5" width="914" height="260" fill="none" stroke="#000"/>`;
  return calibratePlot({ ...draw(1024, 400, "DejaVu Sans", frame + labels.join("") + stamp), madeMs });
}

describe("labels without a year are of the year of a stamp", () => {
  for (const [place, at] of [
    ["beside the title", `x="780" y="22"`],
    ["at the bottom right", `x="780" y="396"`],
    ["at the bottom left", `x="4" y="396"`],
    ["inside the plot area", `x="760" y="294"`],
  ] as const)
    test(place, () => {
      const { calibration, problems, isDateDoubtful } = readPlot(
        `<text ${at} font-size="11">Updated: 2015-07-15 13:48 UTC</text>`,
      )!;
      assert.equal(new Date(calibration.time.endMs).toISOString(), "2015-07-15T13:00:00.000Z");
      assert.ok(!isDateDoubtful && problems.every((problem) => !problem.includes("year")));
    });

  test("beside a title in far larger characters", () => {
    const title = `<text x="430" y="22" font-size="23">ECZM - RMS (UTC Time)</text>`;
    const { calibration } = readPlot(`${title}<text x="730" y="21" font-size="12">Updated: 2018-11-04 11:53</text>`)!;
    assert.equal(new Date(calibration.time.endMs).getUTCFullYear(), 2018);
  });

  test("or of a period's first day, where the axis begins on it and its last day can't be read", () => {
    const { calibration } = readPlot(`<text x="780" y="396" font-size="11">2016-07-08 - 15/0</text>`)!;
    assert.equal(new Date(calibration.time.endMs).getUTCFullYear(), 2016);
  });

  test("or of the year before, where the stamp is of January", () => {
    const { calibration } = readPlot(`<text x="780" y="396" font-size="11">2016-01-02 03:10</text>`)!;
    assert.equal(new Date(calibration.time.endMs).getUTCFullYear(), 2015);
  });

  test("and without one the date is in doubt, which is said", () => {
    const { problems, isDateDoubtful } = readPlot("")!;
    assert.match(problems.join(), /name no year: 20\d\d is assumed/);
    assert.ok(isDateDoubtful);
  });

  for (const { name, written, isDateDoubtful } of [
    { name: "just after its end, it is of that year", written: "2015-07-15T13:48:00Z", isDateDoubtful: false },
    { name: "months after its end, the year is in doubt", written: "2015-11-29T10:00:00Z", isDateDoubtful: true },
    { name: "on the day of its beginning, too", written: "2016-07-08T09:00:00Z", isDateDoubtful: true },
  ])
    test(`and where only the file says when it was written, ${name}`, () => {
      const reading = readPlot("", Date.parse(written))!;
      assert.equal(new Date(reading.calibration.time.endMs).toISOString(), "2015-07-15T13:00:00.000Z");
      assert.equal(reading.isDateDoubtful, isDateDoubtful);
      assert.equal(/name no year.*2015-07-15 is assumed/.test(reading.problems.join()), isDateDoubtful);
    });
});
