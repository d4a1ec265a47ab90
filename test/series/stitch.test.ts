import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { addDays, Day, daysBetween, dayStartMs } from "../../src/model/day.ts";
import type { Calibration } from "../../src/model/plot.ts";
import { CADENCE_MS } from "../../src/model/series.ts";
import { stitch, STITCH_REACH_MS } from "../../src/series/stitch.ts";
import type { PlotSeries } from "../../src/series/tracks.ts";
import { createCalibration, createRandom, createTruth, showPlot } from "./synthetic.ts";

const first = Day.parse("2025-03-01");
const dayAt = (index: number): Day => addDays(first, index);
const PX_DECADES = 2 / 273;

/** A plot archived on `first + day` that shows the values from `from` on, in steps; NaN is a gap, "!" clipped. */
function plotOf(
  day: number,
  values: (number | string)[],
  more: Partial<PlotSeries> & { from?: number } = {},
): PlotSeries {
  const { from = 0, ...rest } = more;
  const samples = values.flatMap((value, index) => {
    const rmsMv = Number.parseFloat(String(value));
    if (Number.isNaN(rmsMv)) return [];
    const timeMs = dayStartMs(first) + (from + index) * CADENCE_MS;
    return [{ timeMs, rmsMv, clipped: String(value).endsWith("!"), uncertaintyDecades: 0.004 }];
  });
  return { day: dayAt(day), station: "ECBD", calibration: createCalibration(), samples, ...rest };
}
const repeat = (count: number, ...values: (number | string)[]): (number | string)[] =>
  Array.from({ length: count }, () => values).flat();
const linear: Calibration = {
  ...createCalibration(),
  amplitude: { ...createCalibration().amplitude, scale: "linear", atRow0: 10, perPx: -0.04, minMv: 0, maxMv: 10 },
};

describe("the value of an instant", () => {
  for (const { name, plots, expected } of [
    {
      name: "of one plot is its own",
      plots: [plotOf(1, [0.412])],
      expected: { rmsMv: 0.412, shownBy: 1, agreeing: 1 },
    },
    {
      name: "of two is their geometric mean",
      plots: [plotOf(1, [0.4]), plotOf(2, [0.41])],
      expected: { rmsMv: Math.sqrt(0.4 * 0.41), shownBy: 2, agreeing: 2 },
    },
    {
      name: "of three is the middle one, and one of them disagrees",
      plots: [plotOf(1, [0.4]), plotOf(2, [0.9]), plotOf(3, [0.401])],
      expected: { rmsMv: 0.401, shownBy: 3, agreeing: 2 },
    },
    {
      name: "of four is the geometric mean of the middle two",
      plots: [plotOf(1, [0.4]), plotOf(2, [0.1]), plotOf(3, [0.9]), plotOf(4, [0.404])],
      expected: { rmsMv: Math.sqrt(0.4 * 0.404), shownBy: 4, agreeing: 2 },
    },
    {
      name: "is exact where the middle two are the same",
      plots: [plotOf(1, [0.412]), plotOf(2, [0.412, 1]), plotOf(3, [0.3]), plotOf(4, [0.6])],
      expected: { rmsMv: 0.412, shownBy: 4, agreeing: 2 },
    },
    {
      name: "is the unclipped one where others are clipped",
      plots: [plotOf(1, ["10!"]), plotOf(2, ["10!", 1]), plotOf(3, [14], { calibration: createCalibration(-1, 2) })],
      expected: { rmsMv: 14, clipped: false, shownBy: 3, agreeing: 3 },
    },
    {
      name: "is the limit where most are clipped and the others lie within it",
      plots: [plotOf(1, ["10!"]), plotOf(2, ["10!", 1]), plotOf(3, [9.83])],
      expected: { rmsMv: 10, clipped: true, shownBy: 3, agreeing: 3 },
    },
    {
      name: "is the highest limit where all are clipped",
      plots: [plotOf(1, ["10!"]), plotOf(2, ["10!", 1]), plotOf(3, ["31.6!"])],
      expected: { rmsMv: 31.6, clipped: true, shownBy: 3, agreeing: 3 },
    },
    {
      name: "is the lowest limit where all are clipped at the bottom",
      plots: [plotOf(1, ["0.1!"]), plotOf(2, ["0.02!"], { calibration: createCalibration(-2, 1) })],
      expected: { rmsMv: 0.02, clipped: true, shownBy: 2, agreeing: 2 },
    },
    {
      name: "agrees with a limit only from beyond it",
      plots: [plotOf(1, [3]), plotOf(2, ["10!"]), plotOf(3, [3.01])],
      expected: { rmsMv: Math.sqrt(3 * 3.01), clipped: false, shownBy: 3, agreeing: 2 },
    },
    {
      name: "counts a picture once that was archived on three days",
      plots: [
        plotOf(1, [0.4, 0.5]),
        plotOf(2, [0.4, 0.5]),
        plotOf(3, [0.4, 0.5]),
        plotOf(4, [0.402]),
        plotOf(5, [0.402, 0.5, 0.5]),
      ],
      expected: { rmsMv: 0.402, shownBy: 3, agreeing: 3 },
    },
    {
      name: "measures agreement on a linear axis by its own pixel",
      plots: [plotOf(1, [1], { calibration: linear }), plotOf(2, [1.11], { calibration: linear })],
      expected: { rmsMv: Math.sqrt(1.11), shownBy: 2, agreeing: 2 },
    },
    {
      name: "is that of the station that most plots show",
      plots: [plotOf(1, [0.4]), plotOf(2, [5], { station: "ESLN" }), plotOf(3, [0.404])],
      expected: { rmsMv: Math.sqrt(0.4 * 0.404), shownBy: 2, agreeing: 2 },
    },
    {
      name: "takes a plot of unknown station along",
      plots: [plotOf(1, [0.4]), plotOf(2, [0.402], { station: undefined }), plotOf(3, [0.404])],
      expected: { rmsMv: 0.402, shownBy: 3, agreeing: 3 },
    },
  ] as { name: string; plots: PlotSeries[]; expected: object }[])
    test(name, () => {
      const [sample] = stitch(plots).samples;
      const { timeMs: _, uncertaintyDecades: __, ...told } = { ...sample! };
      assert.deepEqual(told, { clipped: false, ...expected });
    });

  test("is as uncertain as its plots, or as they are apart", () => {
    const uncertaintyOf = (...plots: PlotSeries[]): number => stitch(plots).samples[0]!.uncertaintyDecades;
    assert.ok(Math.abs(uncertaintyOf(plotOf(1, [0.4]), plotOf(2, [0.4, 1])) - 0.004) < 1e-6);
    assert.ok(uncertaintyOf(plotOf(1, [0.4]), plotOf(2, [4])) > 0.5);
  });
});

describe("a plot is set aside", () => {
  const away = (px: number): number => 0.4 * 10 ** (px * PX_DECADES);
  const others = [plotOf(7, repeat(200, 0.4)), plotOf(8, repeat(201, 0.4)), plotOf(9, repeat(202, 0.4))];
  for (const { name, values, reason } of [
    {
      name: "when it is off by 3.1 px for seven samples on end",
      values: [...repeat(7, away(3.1)), ...repeat(193, 0.4)],
      reason: "DISAGREES",
    },
    { name: "not when it is off by 2.9 px all the time", values: repeat(200, away(2.9)), reason: undefined },
    { name: "not for an hour, six samples", values: [...repeat(6, away(9)), ...repeat(194, 0.4)], reason: undefined },
    {
      name: "not for twice an hour",
      values: [...repeat(6, away(9)), 0.4, ...repeat(6, away(9)), ...repeat(187, 0.4)],
      reason: undefined,
    },
    { name: "not when every fifth sample is off", values: repeat(40, away(-4), ...repeat(4, 0.4)), reason: undefined },
    { name: "when every other sample is off", values: repeat(100, away(-4), 0.4), reason: "DISAGREES" },
    {
      name: "when a gap parts the seven samples",
      values: [...repeat(4, 2), Number.NaN, ...repeat(3, 2), ...repeat(193, 0.4)],
      reason: "DISAGREES",
    },
    { name: "when it is clipped below what the others show", values: repeat(200, "0.2!"), reason: undefined },
    { name: "when it is clipped above what the others show", values: repeat(200, "4!"), reason: "DISAGREES" },
  ])
    test(name, () => {
      // An axis that ends at 0.2 mV can be clipped there; the middle of it decides which end a limit is.
      const calibration = name.includes("below") ? createCalibration(-3, Math.log10(0.2)) : createCalibration();
      const { setAside, samples } = stitch([...others, plotOf(10, values, { calibration })]);
      assert.deepEqual(
        setAside.map(({ day, reason }) => ({ day, reason })),
        reason === undefined ? [] : [{ day: dayAt(10), reason }],
      );
      if (reason !== undefined) assert.ok(samples.every(({ rmsMv }) => rmsMv === 0.4));
    });

  test("when its time axis is a sample off, in the most ordinary week", () => {
    const random = createRandom(3);
    const truth = createTruth(first, 20, 0, random);
    // From sample to sample as lively as INGV's: 4 px in the median.
    truth.rmsMv.forEach((rmsMv, step) => (truth.rmsMv[step] = rmsMv * 10 ** (0.07 * (random() - 0.5))));
    const plots = Array.from({ length: 14 }, (_, index) =>
      showPlot(truth, dayAt(index + 6), undefined, { error: 0.5, random }),
    );
    const late = plots[7]!.samples.map((sample) => ({ ...sample, timeMs: sample.timeMs + CADENCE_MS }));
    const { setAside } = stitch(plots.with(7, { ...plots[7]!, samples: late }));
    assert.deepEqual(
      setAside.map(({ day, reason }) => [day, reason]),
      [[plots[7]!.day, "DISAGREES"]],
    );
  });

  test("with why, where and for how long", () => {
    const { setAside } = stitch([...others, plotOf(10, [...repeat(20, 0.4), ...repeat(12, 2)])]);
    assert.deepEqual(setAside, [
      {
        day: "2025-03-11",
        reason: "DISAGREES",
        message:
          "The plot of 2025-03-11 is off the others by more than 3 px for 2.0 h of 5.3 h, for up to 2.0 h on end until 2025-03-01T05:20Z",
        window: { startMs: dayStartMs(first), endMs: dayStartMs(first) + 32 * CADENCE_MS },
      },
    ]);
  });

  test("on each day that it was archived", () => {
    const bad = [10, 11].map((day) => plotOf(day, repeat(30, 2)));
    assert.deepEqual(
      stitch([...others, ...bad]).setAside.map(({ day }) => day),
      [dayAt(10), dayAt(11)],
    );
  });

  test("where it stands against one other alone, if it was read less well", () => {
    const well = plotOf(7, repeat(30, 0.4), { fidelity: { explained: 0.99, present: 0.99 } });
    const badly = plotOf(8, repeat(30, 2), { fidelity: { explained: 0.99, present: 0.8 } });
    for (const plots of [
      [well, badly],
      [badly, well],
    ]) {
      const { samples, setAside } = stitch(plots);
      assert.deepEqual(
        setAside.map(({ day }) => day),
        [badly.day],
      );
      assert.ok(samples.every(({ rmsMv }) => rmsMv === 0.4));
    }
  });

  test("when it shows another station than most around it", () => {
    const { setAside } = stitch([...others, plotOf(10, repeat(200, 0.4), { station: "ESLN" })]);
    assert.deepEqual(
      setAside.map(({ reason, message }) => [reason, message]),
      [["OTHER_STATION", "The plot of 2025-03-11 shows station ESLN, most of those around it another one"]],
    );
  });
});

describe("a misfiled plot", () => {
  const random = createRandom(5);
  const truth = createTruth(first, 40, 2, random);
  const plots = Array.from({ length: 40 }, (_, index) => showPlot(truth, dayAt(index)));
  const swap = (a: number, b: number): PlotSeries[] =>
    plots.map((plot) => {
      const other = plot.day === dayAt(a) ? b : plot.day === dayAt(b) ? a : undefined;
      return other === undefined ? plot : { ...plots[other]!, day: plot.day };
    });

  test("is set aside, and the record is that of the others", () => {
    const { samples, setAside, gaps } = stitch(swap(10, 30));
    assert.deepEqual(
      setAside.map(({ day, reason }) => [day, reason]),
      [
        [dayAt(10), "MISFILED"],
        [dayAt(30), "MISFILED"],
      ],
    );
    assert.equal(samples.length, 40 * 144);
    // Between the first and the last week seven plots show an instant, one fewer where it is one of the two.
    for (const [step, { shownBy }] of samples.entries()) {
      const day = Math.floor(step / 144);
      const swappedOne = (day >= 4 && day <= 10) || (day >= 24 && day <= 30);
      if (day >= 6 && day < 34) assert.equal(shownBy, swappedOne ? 6 : 7);
    }
    assert.deepEqual(gaps, []);
  });

  test("serves where no other shows anything, if the others confirm its axis", () => {
    const onlyTen = swap(10, 30).filter(({ day }) => day <= dayAt(10) || day >= dayAt(17));
    // Day 10's own picture lies under day 30 and alone shows day 10; the plot of day 17 begins with day 11.
    const { samples, gaps } = stitch(onlyTen);
    assert.deepEqual(gaps, []);
    assert.ok(samples.slice(1440, 1584).every(({ shownBy }) => shownBy === 1));
  });

  test("neither outvotes a plot that lies where it belongs, nor serves, when it contradicts it", () => {
    // Read as if it were days 3 to 9, though archived on day 2; it contradicts the only other plot for seven samples.
    const values = [...repeat(100, 0.4), ...repeat(7, 2), ...repeat(901, 0.4)];
    const misread = plotOf(2, values, { from: 3 * 144, fidelity: { explained: 1, present: 1 } });
    const { samples, setAside } = stitch([plotOf(7, repeat(1008, 0.4)), misread]);
    assert.deepEqual(
      setAside.map(({ day, reason }) => [day, reason]),
      [[dayAt(2), "MISFILED"]],
    );
    assert.equal(samples.length, 1008);
    assert.ok(samples.every(({ rmsMv }) => rmsMv === 0.4));
  });

  test("serves nowhere while no other plot has seen what it shows", () => {
    const lonely = { ...plots[39]!, day: dayAt(2) };
    const { samples, setAside } = stitch([...plots.slice(3, 10), lonely]);
    assert.equal(setAside.length, 1);
    assert.equal(samples.length, 1440);
  });
});

describe("a stitched range", () => {
  test("lists what no plot shows, and fills nothing in", () => {
    const { samples, gaps } = stitch(
      [plotOf(1, [0.4, Number.NaN, Number.NaN, 0.5]), plotOf(300, [0.6], { from: 43_000 })],
      {
        range: { startMs: dayStartMs(first) - CADENCE_MS, endMs: dayStartMs(first) + 10 * CADENCE_MS },
      },
    );
    assert.deepEqual(
      samples.map(({ rmsMv }) => rmsMv),
      [0.4, 0.5],
    );
    const at = (step: number): number => dayStartMs(first) + step * CADENCE_MS;
    assert.deepEqual(gaps, [
      { startMs: at(-1), endMs: at(0) },
      { startMs: at(1), endMs: at(3) },
      { startMs: at(4), endMs: at(10) },
    ]);
  });

  test("of nothing is nothing", () => {
    assert.deepEqual(stitch([]), { samples: [], gaps: [], setAside: [] });
    assert.deepEqual(stitch([plotOf(1, [])]), { samples: [], gaps: [], setAside: [] });
  });

  test("is the same from the plots within reach as from all, whichever range and order", () => {
    const random = createRandom(9);
    const truth = createTruth(first, 60, 3, random);
    const all = Array.from({ length: 60 }, (_, index) => {
      const plot = showPlot(truth, dayAt(index), undefined, { error: 1, random });
      if (index % 13 !== 5) return plot;
      return { ...plot, samples: plot.samples.map((sample) => ({ ...sample, rmsMv: sample.rmsMv * 1.2 })) };
    });
    const whole = stitch(all, { misfiled: new Map() });
    assert.equal(whole.setAside.length, 5);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 8000 }),
        fc.integer({ min: 1, max: 1500 }),
        fc.boolean(),
        (from, count, turn) => {
          const startMs = truth.startMs + from * CADENCE_MS;
          const range = { startMs, endMs: startMs + count * CADENCE_MS };
          const near = all.filter(
            ({ samples }) =>
              samples[0]!.timeMs < range.endMs + STITCH_REACH_MS &&
              samples.at(-1)!.timeMs >= range.startMs - STITCH_REACH_MS,
          );
          const part = stitch(turn ? near.reverse() : near, { range, misfiled: new Map() });
          assert.deepEqual(
            part.samples,
            whole.samples.filter(({ timeMs }) => timeMs >= range.startMs && timeMs < range.endMs),
          );
          assert.deepEqual(
            part.setAside,
            whole.setAside.filter(({ window }) => window.startMs < range.endMs && window.endMs > range.startMs),
          );
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe("a simulated archive of two years", () => {
  const random = createRandom(2025);
  const DAYS = 730;
  const truth = createTruth(first, DAYS, 8, random);
  const swapped = new Map([
    [100, 333],
    [333, 520],
    [520, 100],
  ]);
  const stale = new Set<number>();
  const missing = new Set([400, 401, 402, 403, 404, 405]);
  for (let day = 8; day < DAYS; day++) {
    if (swapped.has(day)) continue;
    if (random() < 0.05) missing.add(day);
    else if (random() < 0.02) stale.add(day);
  }
  // From day 365 on INGV draws three decades where there were two.
  const endOf = (day: number): number =>
    dayStartMs(dayAt(day + 1)) - (stale.has(day) ? Math.ceil(random() * 60) * 3_600_000 : 0);
  const shown = Array.from({ length: DAYS }, (_, day) =>
    showPlot(truth, dayAt(day), endOf(day), {
      calibration: day < 365 ? createCalibration() : createCalibration(-1, 2),
      error: 0.4,
      random,
    }),
  );
  const archived = shown
    .map((plot, day) => ({ ...shown[swapped.get(day) ?? day]!, day: plot.day }))
    .filter(({ day }) => !missing.has(daysBetween(first, day)));
  const { samples, setAside } = stitch(archived);
  const truthAt = (timeMs: number): number => truth.rmsMv[(timeMs - truth.startMs) / CADENCE_MS]!;

  test("is whole: each instant that any plot shows, and no other", () => {
    const seen = new Set(archived.flatMap((plot) => plot.samples.map(({ timeMs }) => timeMs)));
    assert.deepEqual(
      samples.map(({ timeMs }) => timeMs),
      [...seen].sort((a, b) => a - b),
    );
  });

  test("sets aside the swapped pictures, and no other", () =>
    assert.deepEqual(
      setAside.map(({ day }) => daysBetween(first, day)),
      [100, 333, 520],
    ));

  test("is nearer to the truth than single plots", () => {
    const errorsPx = (list: { timeMs: number; rmsMv: number; clipped: boolean }[]): number[] =>
      list
        .filter(({ timeMs, clipped }) => !clipped && timeMs < dayStartMs(dayAt(350)))
        .map(({ timeMs, rmsMv }) => Math.abs(Math.log10(rmsMv / truthAt(timeMs))) / PX_DECADES)
        .sort((a, b) => a - b);
    const [stitched, single] = [
      errorsPx(samples),
      errorsPx(archived.flatMap((plot, index) => (index % 7 === 0 ? plot.samples : []))),
    ];
    const at = (errors: number[], share: number): number => errors[Math.floor(errors.length * share)]!;
    assert.ok(at(stitched, 0.5) <= 0.25, `median ${at(stitched, 0.5)} px`);
    assert.ok(at(stitched, 0.95) < at(single, 0.95), `95th percentile ${at(stitched, 0.95)} px`);
  });
});
