import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { fitTimeAxis } from "../../src/digitizer/time-axis.ts";
import { type Looks, spell } from "./spelled-glyphs.ts";

const area = { leftPx: 80, topPx: 27, rightPx: 994, bottomPx: 300 };
const HOUR_MS = 3_600_000;

interface Drawn {
  start: string;
  hours: number;
  firstHour?: number;
  everyHours?: number;
  /** Text of a label, from its time. */
  form?: (iso: string) => string;
  /** Columns that labels stand beside their tick. */
  biasPx?: number;
  /** Labels with another text than they should have, by number. */
  misread?: Record<number, string>;
  /** Characters that each label's text looks a little more like, by place. */
  looksLike?: (text: string) => Record<number, string | Looks>;
  marks?: boolean;
  direction?: string;
  rightPx?: number;
}

const published = (iso: string): string =>
  `${iso.slice(8, 10)}/${iso.slice(5, 7)}/${iso.slice(2, 4)} H${iso.slice(11, 13)}`;
const yearless = (iso: string): string => `${iso.slice(8, 10)}/${iso.slice(5, 7)} ${iso.slice(11, 16)}`;

/** Labels as they are drawn: around their tick, moved to a whole pixel. */
function draw({
  start,
  hours,
  firstHour = 0,
  everyHours = 12,
  form = published,
  biasPx = -0.6,
  misread = {},
  looksLike = () => ({}),
  marks,
  direction = "upwards",
  rightPx = area.rightPx,
}: Drawn) {
  const labels = [];
  const marksPx = [];
  for (let hour = firstHour; hour <= hours; hour += everyHours) {
    const tickPx = area.leftPx + ((rightPx - area.leftPx) * hour) / hours;
    const text: string = misread[labels.length] ?? form(new Date(Date.parse(start) + hour * HOUR_MS).toISOString());
    const glyphs = spell(text, looksLike(text));
    labels.push({ atPx: Math.round(tickPx + biasPx), glyphs, lines: [{ direction } as never] });
    if (marks === true) marksPx.push(Math.round(tickPx));
  }
  return { labels, marksPx };
}

const hints = (madeMs?: number, labelsLowPx?: number) => ({ columnsPx: [], madeMs, labelsLowPx });

function endsOf(drawn: Drawn, fetched?: string): [string, string] | undefined {
  const { rightPx = area.rightPx } = drawn;
  const fit = fitTimeAxis(
    draw(drawn),
    { ...area, rightPx },
    hints(fetched === undefined ? undefined : Date.parse(fetched)),
  );
  if (fit === undefined) return undefined;
  const { startMs, endMs } = fit.axes[0]!;
  return [new Date(startMs).toISOString().slice(0, 16), new Date(endMs).toISOString().slice(0, 16)];
}

describe("the time axis", () => {
  for (const { name, expected, ...drawn } of [
    {
      name: "of a published plot",
      start: "2025-05-06T00:00Z",
      hours: 169,
      expected: ["2025-05-06T00:00", "2025-05-13T01:00"],
    },
    {
      name: "whose labels begin with the last two digits of the year",
      start: "2019-01-06T16:00Z",
      hours: 169,
      form: (iso: string) => `${iso.slice(2, 10)} H${iso.slice(11, 13)}`,
      expected: ["2019-01-06T16:00", "2019-01-13T17:00"],
    },
    {
      name: "whose labels begin with the last two digits of the year, one a day",
      start: "2025-06-05T00:00Z",
      hours: 169,
      everyHours: 24,
      form: (iso: string) => `${iso.slice(2, 10)} ${iso.slice(11, 16)}`,
      expected: ["2025-06-05T00:00", "2025-06-12T01:00"],
    },
    {
      name: "whose labels end with them, one a day",
      start: "2025-06-05T00:00Z",
      hours: 169,
      everyHours: 24,
      form: (iso: string) => published(iso).replaceAll("/", "-"),
      expected: ["2025-06-05T00:00", "2025-06-12T01:00"],
    },
    {
      name: "over the year's end",
      start: "2024-12-27T06:00Z",
      hours: 168,
      expected: ["2024-12-27T06:00", "2025-01-03T06:00"],
    },
    {
      name: "whose ticks lie at noon and midnight",
      start: "2025-09-04T19:00Z",
      hours: 169,
      firstHour: 5,
      expected: ["2025-09-04T19:00", "2025-09-11T20:00"],
    },
    {
      name: "of one day",
      start: "2025-05-28T16:00Z",
      hours: 25,
      everyHours: 2,
      expected: ["2025-05-28T16:00", "2025-05-29T17:00"],
    },
    ...[1000, 1180, 1271].map((rightPx) => ({
      name: `of one day that may be one of another year, ${rightPx} px wide`,
      start: "2021-01-01T23:00Z",
      hours: 24,
      firstHour: 1,
      everyHours: 2,
      rightPx,
      expected: ["2021-01-01T23:00", "2021-01-02T23:00"] satisfies [string, string],
    })),
    {
      name: "of thirty days",
      start: "2025-05-31T12:00Z",
      hours: 721,
      everyHours: 24,
      expected: ["2025-05-31T12:00", "2025-06-30T13:00"],
    },
    {
      name: "of thirty days, whose labels were rounded to the left of their ticks up to the tenth, and to the right from there",
      start: "2024-06-09T01:00Z",
      hours: 721,
      firstHour: 23,
      everyHours: 24,
      biasPx: -0.07,
      rightPx: 1222,
      expected: ["2024-06-09T01:00", "2024-07-09T02:00"],
    },
    {
      name: "with labels on the other side of their ticks",
      start: "2025-05-06T00:00Z",
      hours: 169,
      biasPx: 0.5,
      expected: ["2025-05-06T00:00", "2025-05-13T01:00"],
    },
    {
      name: "with misread labels",
      start: "2025-05-06T00:00Z",
      hours: 169,
      misread: { 0: "06/06/25 H00", 3: "01/05/25 H12", 7: "RMS" },
      expected: ["2025-05-06T00:00", "2025-05-13T01:00"],
    },
    {
      name: "of June, whose 6 looks like a 5 in most labels: May has 31 days",
      start: "2022-06-25T00:00Z",
      hours: 240,
      looksLike: (text) => (text[4] === "6" ? { 4: "5" } : {}),
      expected: ["2022-06-25T00:00", "2022-07-05T00:00"],
    },
    {
      name: "of May, whose 5 looks like a 6 in most labels: June has 30 days",
      start: "2022-05-25T00:00Z",
      hours: 240,
      looksLike: (text) => (text[4] === "5" ? { 4: "6" } : {}),
      expected: ["2022-05-25T00:00", "2022-06-04T00:00"],
    },
    {
      name: "from the first sample of seven days to the last, without a label at its ends",
      start: "2025-10-14T20:00Z",
      hours: 168 - 1 / 6,
      firstHour: 4,
      expected: ["2025-10-14T20:00", "2025-10-21T19:50"],
    },
    {
      name: "from a first sample at twenty minutes past to the last of seven days",
      start: "2025-10-14T20:20Z",
      hours: 168 - 1 / 6,
      firstHour: 3 + 2 / 3,
      expected: ["2025-10-14T20:20", "2025-10-21T20:10"],
    },
    {
      name: "of days that might be months, one of whose labels is misread",
      start: "2026-08-05T19:00Z",
      hours: 145,
      everyHours: 24,
      misread: { 6: "11/08/26 H15" },
      rightPx: 786,
      expected: ["2026-08-05T19:00", "2026-08-11T20:00"],
    },
    {
      name: "that starts an hour before its first mark, which is the next pixel",
      start: "2025-10-05T23:00Z",
      hours: 721,
      firstHour: 1,
      everyHours: 24,
      marks: true,
      rightPx: 786,
      expected: ["2025-10-05T23:00", "2025-11-05T00:00"],
    },
    {
      name: "that starts at ten minutes past, by its marks",
      start: "2025-05-06T00:10Z",
      hours: 168,
      firstHour: 12 - 1 / 6,
      marks: true,
      expected: ["2025-05-06T00:10", "2025-05-13T00:10"],
    },
  ] satisfies (Drawn & { name: string; expected: [string, string] })[])
    test(name, () => assert.deepEqual(endsOf(drawn), expected));

  test("begins with its first label where these count from no midnight, far beside their ticks as they stand", () => {
    for (const { hours, biasPx } of [
      { hours: 169, biasPx: -3 },
      { hours: 168 - 1 / 6, biasPx: -0.6 },
    ]) {
      const drawn = draw({ start: "2025-02-03T11:00Z", hours, biasPx });
      const { startMs, endMs } = fitTimeAxis(drawn, area, hints(undefined, 0))!.axes[0]!;
      assert.equal(startMs, Date.parse("2025-02-03T11:00Z"));
      // It tells nothing of the other end.
      assert.equal(endMs - startMs, hours * HOUR_MS);
    }
  });
  test("begins an hour before such labels of two weeks where they stand as most fonts' do", () => {
    const drawn = draw({ start: "2025-02-03T10:00Z", hours: 337, firstHour: 1, everyHours: 24 });
    const { startMs, endMs } = fitTimeAxis(drawn, area, hints(undefined, 0))!.axes[0]!;
    assert.deepEqual([startMs, endMs], [Date.parse("2025-02-03T10:00Z"), Date.parse("2025-02-17T11:00Z")]);
  });
  test("begins half an hour before its first label where its marks say so", () =>
    assert.deepEqual(endsOf({ start: "2025-02-03T10:30Z", hours: 169, firstHour: 0.5, marks: true }), [
      "2025-02-03T10:30",
      "2025-02-10T11:30",
    ]));

  const dotted = (iso: string): string =>
    `${iso.slice(8, 10)}.${iso.slice(5, 7)}.${iso.slice(0, 4)} ${iso.slice(11, 16)}`;
  const looksLike = (): Record<number, string> => ({ 13: "1" });
  test("begins with a whole hour where each of its labels looks as much like ten minutes later", () =>
    assert.deepEqual(endsOf({ start: "2025-10-11T05:00Z", hours: 73, everyHours: 6, form: dotted, looksLike }), [
      "2025-10-11T05:00",
      "2025-10-14T06:00",
    ]));

  test("begins ten minutes after the hour where its labels say so", () =>
    assert.deepEqual(endsOf({ start: "2025-10-11T05:10Z", hours: 73, everyHours: 6, form: dotted }), [
      "2025-10-11T05:10",
      "2025-10-14T06:10",
    ]));

  test("that starts and ends at no even time keeps its own, to the few minutes that labels tell", () => {
    const fit = fitTimeAxis(
      draw({ start: "2025-09-28T06:53Z", hours: 167 + 5 / 6, firstHour: 5 + 7 / 60 }),
      area,
      hints(),
    )!;
    assert.ok(Math.abs(fit.axes[0]!.startMs - Date.parse("2025-09-28T06:53Z")) < 5 * 60_000);
    assert.ok(Math.abs(fit.axes[0]!.endMs - Date.parse("2025-10-05T06:43Z")) < 5 * 60_000);
  });

  for (const { direction = "upwards", beside, low } of [
    { beside: -0.65, low: -0.9 },
    { beside: -0.4, low: 0 },
    { beside: -0.35, low: 0.5 },
    { beside: -2, low: -2 },
    { direction: "level", beside: -0.5, low: 0 },
    { direction: "downwards", beside: -0.65, low: 0 },
  ])
    test(`of ${direction} labels ${beside} px beside their ticks, where those of the other axis lie ${low} px low`, () => {
      const start = "2025-10-14T20:20Z";
      const drawn = draw({ start, hours: 168 - 1 / 6, firstHour: 3 + 2 / 3, biasPx: beside, direction });
      const { startMs } = fitTimeAxis(drawn, area, hints(undefined, low))!.axes[0]!;
      assert.equal(new Date(startMs).toISOString().slice(0, 16), "2025-10-14T20:20");
    });

  test("of whole hours is among those allowed where its labels stand far beside their ticks, and none on which samples lie in the same places", () => {
    const drawn = draw({ start: "2024-09-25T03:00Z", hours: 168, firstHour: 21, biasPx: -1.95 });
    const { axes } = fitTimeAxis(drawn, area, hints(undefined, 0))!;
    const long = axes.filter(({ startMs, endMs }) => endMs - startMs === 168 * HOUR_MS && startMs % 600_000 === 0);
    assert.deepEqual(
      long.map(({ startMs }) => new Date(startMs).toISOString().slice(0, 16)),
      ["2024-09-25T03:00"],
    );
  });

  for (const low of [-1, -0.5, 0])
    test(`of labels as far beside their ticks as those of published plots is no minutes off by them, where those of the other axis lie ${low} px low`, () => {
      const starts = Array.from({ length: 24 }, (_, i) => Date.parse("2025-10-14T12:23Z") + 1_740_000 * i);
      const offMin = starts.flatMap((startMs) => {
        const firstHour = (12 * HOUR_MS - (startMs % (12 * HOUR_MS))) / HOUR_MS;
        const drawn = draw({ start: new Date(startMs).toISOString(), hours: 168 - 1 / 6, firstHour });
        const { axes } = fitTimeAxis(drawn, area, hints(undefined, low))!;
        const asLabelled = axes.find((axis) => axis.startMs % 60_000 !== 0);
        return asLabelled === undefined ? [] : [(asLabelled.startMs - startMs) / 60_000];
      });
      assert.ok(offMin.length >= 10, `${offMin.length} of 24`);
      const meanMin = offMin.reduce((sum, off) => sum + off, 0) / offMin.length;
      assert.ok(Math.abs(meanMin) < 1.5, `${meanMin} minutes`);
    });

  for (const { name, start, fetched, year } of [
    { name: "is the year of the fetch", start: "2019-05-06T00:00Z", fetched: "2019-05-13T00:31Z", year: "2019" },
    { name: "began in the year before", start: "2018-12-28T00:00Z", fetched: "2019-01-04T00:31Z", year: "2018" },
    {
      name: "is long past when fetched in January",
      start: "2018-11-28T00:00Z",
      fetched: "2019-01-04T00:31Z",
      year: "2018",
    },
    { name: "has a leap day", start: "2024-02-25T00:00Z", fetched: "2024-03-03T00:31Z", year: "2024" },
  ])
    test(`without a year in its labels ${name}`, () => {
      const ends = endsOf({ start, hours: 169, form: yearless }, fetched)!;
      assert.deepEqual(ends[0], `${year}${start.slice(4, 16)}`);
    });

  test("without a year in its labels isn't put into the year before by one that is misread", () => {
    const drawn = { start: "2021-12-24T06:00Z", hours: 168, form: yearless, misread: { 14: "31/01 06:00" } };
    assert.deepEqual(endsOf(drawn, "2021-12-31T06:31Z"), ["2021-12-24T06:00", "2021-12-31T06:00"]);
  });

  describe("whose labels lack the tens of their days, cut off at the picture's edge,", () => {
    const cut = (iso: string): string => published(iso).slice(1);
    const november = { start: "2026-11-16T22:00Z", hours: 169, form: cut };
    test("is the last one before the plot was made that they allow", () => {
      assert.deepEqual(endsOf(november, "2026-11-23T23:10Z"), ["2026-11-16T22:00", "2026-11-23T23:00"]);
      assert.deepEqual(endsOf(november, "2026-11-20T12:00Z"), ["2026-11-06T22:00", "2026-11-13T23:00"]);
    });
    test("is open where nobody says when that was", () =>
      assert.equal(fitTimeAxis(draw(november), area, hints())!.isDayOpen, true));
    test("is told by the months of the labels where one ends within", () => {
      const fit = fitTimeAxis(draw({ start: "2026-09-27T06:00Z", hours: 169, form: cut }), area, hints())!;
      assert.equal(new Date(fit.axes[0]!.startMs).toISOString(), "2026-09-27T06:00:00.000Z");
      assert.equal(fit.isDayOpen, false);
    });
  });
  describe("that goes on beyond a side at which the picture was cut off", () => {
    const drawn = { start: "2025-01-29T15:00Z", hours: 169, everyHours: 24, biasPx: -0.5 };
    const seen = { ...area, rightPx: area.leftPx + Math.round(((area.rightPx - area.leftPx) * 151.75) / 169) };
    const found = draw(drawn);
    const labels = found.labels.filter(({ atPx }) => atPx < seen.rightPx);
    const offMs = (isCutOff: { left: boolean; right: boolean }): number => {
      const { msPerPx } = fitTimeAxis({ ...found, labels }, seen, { ...hints(), isCutOff })!.axes[0]!;
      return Math.abs(msPerPx * (area.rightPx - area.leftPx) - 169 * HOUR_MS);
    };
    test("is as long as its labels tell, and not up to an even time there", () => {
      assert.ok(offMs({ left: false, right: true }) < HOUR_MS / 8);
      assert.ok(offMs({ left: false, right: false }) > HOUR_MS / 5);
    });
  });
  describe("whose labels name their month", () => {
    const named = (iso: string): string => `${Number(iso.slice(8, 10))} May ${iso.slice(11, 16)}`;
    const cut = (iso: string): string => `${iso.slice(9, 10)} May ${iso.slice(11, 16)}`;
    const may = { start: "2025-05-15T16:00Z", hours: 169, firstHour: 8 };
    test("is of days without tens where those after the ninth have them", () =>
      assert.equal(
        endsOf({ ...may, start: "2025-05-05T16:00Z", form: named }, "2025-05-23T00:00Z")![0],
        "2025-05-05T16:00",
      ));
    test("is the last one before the plot was made where those have none either, cut off at the picture's edge", () =>
      assert.equal(endsOf({ ...may, form: cut }, "2025-05-23T00:00Z")![0], "2025-05-15T16:00"));
  });
  test("whose labels say days alone, several of them the same, has the first of each at midnight, and is open by hours", () => {
    const form = (iso: string): string => published(iso).slice(0, 8);
    const drawn = { start: "2023-12-24T04:00Z", hours: 169, firstHour: 8, form };
    assert.equal(endsOf(drawn)![0], "2023-12-24T04:00");
    assert.equal(fitTimeAxis(draw(drawn), area, hints())!.isHourOpen, true);
    assert.equal(fitTimeAxis(draw({ ...drawn, form: published }), area, hints())!.isHourOpen, false);
    const daily = { ...drawn, firstHour: 20, everyHours: 24, misread: { 3: "26/12/23" } };
    assert.equal(fitTimeAxis(draw(daily), area, hints())!.isHourOpen, false);
  });
  test("is read in a font whose zeros have a dot, and look like eights", () => {
    const dotted = (iso: string): string => published(iso).replaceAll("0", "8");
    assert.deepEqual(endsOf({ start: "2026-06-13T14:00Z", hours: 169, everyHours: 24, form: dotted }), [
      "2026-06-13T14:00",
      "2026-06-20T15:00",
    ]);
  });
  test("is read in a font whose zeros have a dot, and look like nines at each midnight", () =>
    assert.deepEqual(
      endsOf({
        start: "2027-09-19T00:00Z",
        hours: 169,
        form: (iso) => `${published(iso).slice(0, 8)} ${iso.slice(11, 16)}`,
        looksLike: (text): Record<number, Looks> => (text.endsWith("00:00") ? { 9: { 9: -0.05, 0: -1.5 } } : {}),
      }),
      ["2027-09-19T00:00", "2027-09-26T01:00"],
    ));

  test("is read as its labels say, though its file is older, where another order of them makes a crooked line", () => {
    const fetched = "2025-05-20T00:00Z";
    const daily: Drawn = { start: "2025-06-01T00:00Z", hours: 168, everyHours: 24 };
    assert.deepEqual(endsOf(daily, fetched)![0], "2025-06-01T00:00");
    assert.deepEqual(endsOf({ ...daily, everyHours: 12 }, fetched)![0], "2025-06-01T00:00");
  });
  describe("whose labels have lost most of their first digit", () => {
    const drawn: Drawn = {
      start: "2025-11-04T00:00Z",
      hours: 48,
      form: (iso) => `:${published(iso).slice(1)}`,
      looksLike: () => ({ 0: { 3: -1.5, 0: -3, 1: -3.5 } }),
    };
    test("is of days that there are", () =>
      assert.deepEqual(endsOf({ ...drawn, form: (iso) => `:${yearless(iso).slice(1)}` }, "2025-11-06T01:00Z"), [
        "2025-11-04T00:00",
        "2025-11-06T00:00",
      ]));
    test("is of no year after the plot was made", () =>
      assert.deepEqual(endsOf(drawn, "2025-11-06T01:00Z"), ["2025-11-04T00:00", "2025-11-06T00:00"]));
  });
  test("isn't found where labels lack the tens of their months, which look like days", () => {
    const form = (iso: string): string => `${iso.slice(6, 10)} ${iso.slice(11, 16)}`;
    assert.equal(endsOf({ start: "2023-05-04T11:00Z", hours: 169, form }, "2023-05-11T12:00Z"), undefined);
  });

  describe("whose sixth label says the 8th", () => {
    const isTaken = (start: string, misread: Record<number, string>, form = published): boolean =>
      fitTimeAxis(draw({ start, hours: 168, everyHours: 24, form, misread }), area, hints())!.isDigitTaken;

    test("may be of June, where the labels say August", () =>
      assert.ok(isTaken("2023-08-01T00:00:00Z", { 5: "08/08/23 H00" })));
    test("is of July, where they say that", () => assert.ok(!isTaken("2023-07-01T00:00:00Z", { 5: "08/07/23 H00" })));
    test("is of August, where a 6 is read as such elsewhere", () =>
      assert.ok(!isTaken("2023-08-01T06:00:00Z", { 5: "08/08/23 H06" })));
    test("may be of 2016, where they say 2018", () =>
      assert.ok(isTaken("2018-07-01T00:00:00Z", { 5: "08/07/18 H00" })));
    test("is of August, where no label says otherwise", () => assert.ok(!isTaken("2023-08-01T00:00:00Z", {})));
  });

  test("lies anywhere that rounds to the same, where its marks stand whole pixels apart", () => {
    const spreadPx = (apartPx: number): number => {
      const rightPx = area.leftPx + 7 * apartPx;
      const drawn = draw({ start: "2023-08-01T00:00:00Z", hours: 168, everyHours: 24, marks: true, rightPx });
      const { axes, middleUncertaintyMs } = fitTimeAxis(drawn, { ...area, rightPx }, hints())!;
      return middleUncertaintyMs / axes[0]!.msPerPx;
    };
    assert.ok(spreadPx(130.57) < 0.1 && spreadPx(130) > 0.2 && spreadPx(130.02) > 0.2);
  });

  test("tells how many of its labels agree", () => {
    const agreement = (misread: Record<number, string>): number =>
      fitTimeAxis(draw({ start: "2025-05-06T00:00Z", hours: 169, misread }), area, hints())!.agreement;
    assert.equal(agreement({}), 1);
    assert.ok(Math.abs(agreement({ 2: "07/06/25 H00", 5: "08/05/25 H21" }) - 13 / 15) < 1e-9);
  });

  test("isn't found from a single label", () =>
    assert.equal(endsOf({ start: "2025-05-06T00:00Z", hours: 169, everyHours: 400 }), undefined));
});
