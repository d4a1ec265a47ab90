import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { fitAmplitudeAxis, labelOffsetPx } from "../../src/digitizer/amplitude-axis.ts";
import type { AxisLabel } from "../../src/digitizer/labels.ts";
import { spell } from "./spelled-glyphs.ts";

const area = { leftPx: 80, topPx: 27, rightPx: 994, bottomPx: 300 };
const band = { v0: 0, v1: 8 };

/** A label whose middle is a pixel above its tick, as published ones are. */
function label(text: string, rowPx: number): AxisLabel {
  const glyphs = spell(text.replace(/[⁰¹²⁻]/g, ""));
  // Exponents: smaller and raised.
  const raised = [...text.matchAll(/[⁰¹²⁻]/g)].map(
    ([character]) => ({ "⁰": "0", "¹": "1", "²": "2", "⁻": "-" })[character]!,
  );
  glyphs.push(...spell(raised.join("")).map((glyph) => ({ ...glyph, v0: -2, v1: 3 })));
  return { atPx: Math.round(rowPx - 1), glyphs, lines: [{ band } as never] };
}
const fit = (labels: readonly AxisLabel[], gridRows: number[] = []) =>
  fitAmplitudeAxis(
    { labels: [...labels], marksPx: [] },
    area,
    gridRows.map((atPx) => ({ atPx }) as never),
  );

describe("the amplitude axis", () => {
  for (const { name, labels, scale, minMv, maxMv } of [
    {
      name: "10^1 over 10^ -1",
      labels: [
        ["10^1", 27],
        ["10^0", 163.5],
        ["10^ -1", 300],
      ],
      scale: "log",
      minMv: 0.1,
      maxMv: 10,
    },
    {
      name: "exponents without a caret",
      labels: [
        ["10¹", 27],
        ["10⁰", 163.5],
        ["10⁻¹", 300],
      ],
      scale: "log",
      minMv: 0.1,
      maxMv: 10,
    },
    {
      name: "carets as flat as a minus",
      labels: [
        ["10-1", 27],
        ["10-0", 163.5],
        ["10--1", 300],
      ],
      scale: "log",
      minMv: 0.1,
      maxMv: 10,
    },
    {
      name: "carets whose left foot looks like a minus",
      labels: [
        ["10-^.1", 27],
        ["10-^.0", 163.5],
        ["10-^.-1", 300],
      ],
      scale: "log",
      minMv: 0.1,
      maxMv: 10,
    },
    {
      name: "carets that fall into their top and their feet",
      labels: [
        ["10.^.1", 27],
        ["10.^.0", 163.5],
        ["10.^.-1", 300],
      ],
      scale: "log",
      minMv: 0.1,
      maxMv: 10,
    },
    {
      name: "10^0 whose caret is lost in its digits",
      labels: [
        ["100", 27],
        ["10^-1", 300],
      ],
      scale: "log",
      minMv: 0.1,
      maxMv: 1,
    },
    {
      name: "numbers, one of which is misread as a power of ten",
      labels: [
        ["100", 27],
        ["80", 81.6],
        ["60", 136.2],
        ["40", 190.8],
        ["20", 245.4],
        ["10^-1", 272.7],
      ],
      scale: "linear",
      minMv: 0,
      maxMv: 100,
    },
    {
      name: "powers of ten with dots in their zeros",
      labels: [
        ["18^1", 27],
        ["18^8", 163.5],
        ["18^-1", 300],
      ],
      scale: "log",
      minMv: 0.1,
      maxMv: 10,
    },
    {
      name: "10^-1 whose minus is lost in its caret",
      labels: [
        ["10^0", 27],
        ["10^1", 300],
      ],
      scale: "log",
      minMv: 0.1,
      maxMv: 1,
    },
    {
      name: "1e0 behind a letter of the axis' title",
      labels: [
        ["1e1", 27],
        ["81e0", 163.5],
        ["1e-1", 300],
      ],
      scale: "log",
      minMv: 0.1,
      maxMv: 10,
    },
    {
      name: "1e-1",
      labels: [
        ["1e1", 27],
        ["1e0", 163.5],
        ["1e-1", 300],
      ],
      scale: "log",
      minMv: 0.1,
      maxMv: 10,
    },
    {
      name: "an exponent that was read as a number",
      labels: [
        ["163", 163.5],
        ["10¹", 27],
        ["10⁻¹", 300],
      ],
      scale: "log",
      minMv: 0.1,
      maxMv: 10,
    },
    {
      name: "three decades",
      labels: [
        ["10^2", 27],
        ["10^1", 118],
        ["10^0", 209],
        ["10^-1", 300],
      ],
      scale: "log",
      minMv: 0.1,
      maxMv: 100,
    },
    {
      name: "decimals at logarithmic steps",
      labels: [
        ["10", 27],
        ["5", 68.1],
        ["2", 122.4],
        ["1", 163.5],
        ["0.5", 204.6],
        ["0.2", 258.9],
        ["0.1", 300],
      ],
      scale: "log",
      minMv: 0.1,
      maxMv: 10,
    },
    {
      name: "two powers of ten",
      labels: [
        ["100", 27],
        ["1", 300],
      ],
      scale: "log",
      minMv: 1,
      maxMv: 100,
    },
    {
      name: "a linear scale",
      labels: [
        ["6", 27],
        ["4", 118],
        ["2", 209],
        ["0", 300],
      ],
      scale: "linear",
      minMv: 0,
      maxMv: 6,
    },
    {
      name: "a comma for the point",
      labels: [
        ["1,5", 27],
        ["1,0", 118],
        ["0,5", 209],
        ["0,0", 300],
      ],
      scale: "linear",
      minMv: 0,
      maxMv: 1.5,
    },
    {
      name: "a lost point",
      labels: [
        ["10", 27],
        ["1", 163.5],
        ["01", 300],
      ],
      scale: "log",
      minMv: 0.1,
      maxMv: 10,
    },
    {
      name: "a lost point in the middle",
      labels: [
        ["10", 163.5],
        ["10.0", 27],
        ["0.1", 300],
      ],
      scale: "log",
      minMv: 0.1,
      maxMv: 10,
    },
    {
      name: "a number that other ink made another one",
      labels: [
        ["8110", 163.5],
        ["10.0", 27],
        ["0.1", 300],
      ],
      scale: "log",
      minMv: 0.1,
      maxMv: 10,
    },
    {
      name: "a lost minus",
      labels: [
        ["10^1", 27],
        ["10^0", 163.5],
        ["10^1", 300],
      ],
      scale: "log",
      minMv: 0.1,
      maxMv: 10,
    },
    {
      name: "labels that all stand four pixels above their ticks",
      labels: [
        ["10^1", 24],
        ["10^0", 160.5],
        ["10^-1", 297],
      ],
      scale: "log",
      minMv: 0.1,
      maxMv: 10,
    },
    {
      name: "other text beside it",
      labels: [
        ["10^1", 27],
        ["mV", 120],
        ["10^0", 163.5],
        ["10^-1", 300],
      ],
      scale: "log",
      minMv: 0.1,
      maxMv: 10,
    },
  ] as const)
    test(`is read from ${name}`, () => {
      const axis = fit(labels.map(([text, row]) => label(text, row)))!;
      assert.deepEqual([axis.found, axis.scale, axis.minMv, axis.maxMv], ["labels", scale, minMv, maxMv]);
      const at = (row: number): number =>
        scale === "log" ? 10 ** (axis.atRow0 + axis.perPx * row) : axis.atRow0 + axis.perPx * row;
      assert.ok(Math.abs(at(area.topPx) - maxMv) < 1e-9 && Math.abs(at(area.bottomPx) - minMv) < 1e-9);
    });

  test("is read from an exponent whose minus, a row high, looks like a 1", () => {
    const lowest = label("10⁻¹", 300);
    const [one, , minus] = lowest.glyphs;
    const flat = { ...minus!, scores: one!.scores, v0: 0, v1: 0 };
    const glyphs = lowest.glyphs.map((glyph) => (glyph === minus ? flat : glyph));
    const axis = fit([label("10¹", 27), label("10⁰", 163.5), { ...lowest, glyphs }])!;
    assert.deepEqual([axis.minMv, axis.maxMv, axis.residualPx < 1], [0.1, 10, true]);
    assert.equal(fit([label("10²", 27), { ...lowest, glyphs }])!.minMv, 0.1);
  });
  test("is read from tens whose digits touch, and look like another character", () => {
    const touching = (text: string, rowPx: number): AxisLabel => {
      const { glyphs, ...rest } = label(text, rowPx);
      return { ...rest, glyphs: glyphs.map((glyph, i) => (i === 0 ? { ...glyph, u0: -3 } : glyph)) };
    };
    const axis = fit([touching("E^1", 27), touching("E^0", 163.5), touching("E^-1", 300)])!;
    assert.deepEqual([axis.scale, axis.minMv, axis.maxMv], ["log", 0.1, 10]);
    // A single digit is none.
    assert.equal(fit([label("3^1", 27), label("3^0", 163.5), label("3^-1", 300)]), undefined);
  });
  test("is read from the labels that read better where another one, changed by other ink, contradicts them", () => {
    const lowest = label("10^-5", 300);
    const smudged = lowest.glyphs.map((glyph) => ({ ...glyph, scores: glyph.scores.map((score) => score - 0.1) }));
    const axis = fit([label("10^0", 164), { ...lowest, glyphs: smudged }, label("10^1", 28)])!;
    assert.deepEqual([axis.minMv, axis.maxMv], [0.1, 10]);
  });
  test("isn't found from a power of ten that would be no whole one", () =>
    assert.equal(fit([label("1.0e01", 27), label("11.0e00", 163), label("1.0e01", 300)]), undefined));
  test("lies by its gridlines where its decades don't end at the frame", () => {
    const axis = fit([label("10^1", 59.6), label("10^0", 167.8), label("10^-1", 276)], [60, 168, 276])!;
    assert.deepEqual([axis.minMv, axis.maxMv], [0.06, 20]);
  });
  for (const low of [-1.8, 1.4])
    test(`ends at 1, 2 or 5 times a power of ten where its labels all stand ${low} px beside their ticks`, () => {
      const perDecade = (area.bottomPx - area.topPx) / 3;
      const placed = (topMv: number, powers: readonly number[]): AxisLabel[] =>
        powers.map((power) => label(`10^${power}`, area.topPx + perDecade * (Math.log10(topMv) - power) + 0.4 + low));
      for (const [minMv, maxMv] of [
        [0.05, 50],
        [0.02, 20],
      ] as const) {
        const axis = fit(placed(maxMv, [1, 0, -1]))!;
        assert.deepEqual([axis.minMv, axis.maxMv], [minMv, maxMv]);
      }
      // One that ends elsewhere keeps its own.
      assert.ok(Math.abs(fit(placed(30, [1, 0, -1]))!.maxMv / 30 - 1) < 0.06);
    });
  test("isn't found from a single label", () => assert.equal(fit([label("10^1", 27)]), undefined));
  test("isn't found from two labels that another one contradicts, unless they make whole decades at the frame", () => {
    assert.equal(fit([label("5", 200), label("5", 240), label("10^-1", 300)]), undefined);
    assert.equal(fit([label("10^2", 27), label("10^1", 60), label("10^0", 300)])!.maxMv, 100);
  });
  test("isn't found from numbers that stand at no axis", () => {
    assert.equal(fit([label("102.1", 27), label("0.1", 300)]), undefined);
    assert.equal(fit([label("10", 27), label("0.1979", 125)]), undefined);
    assert.equal(fit([label("16", 27), label("0.1", 300)]), undefined);
    assert.equal(fit([label("10^1", 118), label("10^-11", 300)]), undefined);
    assert.equal(fit([label("1.5", 27), label("0.5", 300)])!.scale, "linear");
  });
  test("isn't found from powers of ten all of whose ones were misread alike", () =>
    assert.equal(fit([label("2e2", 27), label("2e0", 163.5), label("2e-2", 300)]), undefined));
  for (const labels of [
    ["50", "5", "0.5"],
    ["20", "2", "0.2"],
  ])
    test(`is found from ${labels.join(", ")}, none of which is a power of ten`, () =>
      assert.equal(fit(labels.map((text, at) => label(text, [27, 163.5, 300][at]!)))!.scale, "log"));
  test("isn't found from labels that contradict each other", () =>
    assert.equal(fit([label("10^0", 27), label("10^0", 163), label("10^0", 300)]), undefined));
});

test("how far below their ticks labels lie is told where they all stand four pixels above them", () => {
  const labels = [label("10^1", 24), label("10^0", 160), label("10^-1", 297)];
  assert.equal(labelOffsetPx({ labels, marksPx: [] }, fit(labels)!), -4);
});

test("how far below their ticks labels lie is told by their digits, exponents or not", () => {
  for (const [top, middle, bottom] of [
    ["10^1", "10^0", "10^ -1"],
    ["10", "1", "0.1"],
  ] as const) {
    const labels = [label(top, 27), label(middle, 163), label(bottom, 300)];
    assert.equal(labelOffsetPx({ labels, marksPx: [] }, fit(labels, [163])!), -1);
  }
});

describe("the amplitude axis where a turned title stands in the rows of a label", () => {
  const after = (text: string, gapPx: number): AxisLabel => {
    const before = { ...spell("3")[0]!, u0: -10 - gapPx, u1: -gapPx, v0: -9, v1: 23 };
    const stretched = label(text, 163.5 + 7);
    return {
      atPx: 163.5 - 1 + 7,
      glyphs: [before, ...stretched.glyphs],
      lines: [{ band: { v0: -9, v1: 31 } } as never],
    };
  };
  for (const gapPx of [12, 7])
    test(`is found with ${gapPx} px between them`, () => {
      const found = fit([label("10^1", 27), after("10^0", gapPx)])!;
      assert.deepEqual([found.minMv, found.maxMv], [0.1, 10]);
    });
  test("isn't found from what a small blank parts from the digits before it", () =>
    assert.equal(fit([label("10", 27), after("1", 7)]), undefined));
});
