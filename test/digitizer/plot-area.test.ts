import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { findFrame } from "../../src/digitizer/plot-area.ts";
import { BLACK, type Canvas, createCanvas } from "./canvas.ts";

const GREY = [128, 128, 128] as const;
const FAINT = [225, 225, 225] as const;
const WHITE = [255, 255, 255] as const;
const published = { leftPx: 80, topPx: 27, rightPx: 994, bottomPx: 300 };
const areaOf = (canvas: Canvas) => findFrame(canvas)?.plotArea;
const canvas = (): Canvas => createCanvas(1024, 400);
const bands = (): Canvas =>
  canvas()
    .fill(80, 27, 994, 98, [234, 40, 30])
    .fill(80, 99, 994, 163, [255, 236, 0])
    .fill(80, 164, 994, 300, [0, 200, 60]);

describe("the plot area is found", () => {
  for (const { name, draw } of [
    { name: "in a black frame", draw: () => canvas().frame(80, 27, 994, 300) },
    {
      name: "in a frame two pixels wide, as programs draw such a line around its place",
      draw: () => {
        const drawn = canvas().frame(80, 27, 994, 300).frame(79, 26, 993, 299);
        // What lies beside it within makes its inner column stand out less.
        for (let y = 30; y < 296; y += 4) drawn.fill(81, y, 90, y + 1, [60, 220, 60]);
        return drawn;
      },
    },
    { name: "in a grey frame", draw: () => canvas().frame(80, 27, 994, 300, [170, 170, 170]) },
    {
      name: "in coloured bands",
      draw: () => bands().frame(80, 27, 994, 300),
    },
    {
      name: "in a grey frame around bands as dark as itself",
      draw: () => bands().frame(80, 27, 994, 300, GREY),
    },
    {
      name: "in a frame with holes in its sides, and a gridline",
      draw: () =>
        canvas()
          .fill(80, 164, 994, 164, FAINT)
          .frame(80, 27, 994, 300)
          .fill(80, 176, 80, 200, WHITE)
          .fill(994, 70, 994, 94, WHITE)
          .fill(850, 300, 874, 300, WHITE)
          .fill(120, 27, 144, 27, WHITE),
    },
    {
      name: "in a frame with holes near its corners, and a gridline",
      draw: () =>
        canvas()
          .fill(80, 164, 994, 164, FAINT)
          .frame(80, 27, 994, 300)
          .fill(80, 30, 80, 54, WHITE)
          .fill(80, 272, 80, 296, WHITE),
    },
    {
      name: "in a frame with a hole at the left end of its lower line",
      draw: () => canvas().fill(80, 164, 994, 164, FAINT).frame(80, 27, 994, 300).fill(96, 300, 160, 300, WHITE),
    },
    ...[40, 70].map((gap) => ({
      name: `in a frame beside a colour bar ${gap} px away`,
      draw: () =>
        createCanvas(1200, 400)
          .frame(80, 27, 994, 300)
          .frame(994 + gap, 27, 1060 + gap, 300),
    })),
    {
      name: "in a frame around bands with a side in three pieces",
      draw: () => bands().frame(80, 27, 994, 300).fill(80, 80, 80, 104, WHITE).fill(80, 190, 80, 214, WHITE),
    },
    {
      name: "within a border of the whole picture",
      draw: () => canvas().frame(2, 2, 1021, 397).frame(80, 27, 994, 300),
    },
    { name: "by its two axes alone", draw: () => canvas().fill(80, 27, 80, 300, BLACK).fill(80, 300, 994, 300, BLACK) },
    {
      name: "by its two axes alone, with faint spots in line with them in a lossy copy",
      draw: () =>
        canvas()
          .fill(80, 27, 80, 300, BLACK)
          .fill(80, 300, 994, 300, BLACK)
          .fill(996, 300, 996, 300, [246, 246, 246])
          .fill(80, 25, 80, 25, [246, 246, 246]),
    },
    {
      name: "by its two axes around bands, not at a fall of the curve",
      draw: () => {
        const drawn = canvas().fill(80, 27, 994, 80, [255, 0, 0]).fill(80, 81, 994, 163, [255, 255, 0]);
        drawn.fill(80, 164, 994, 300, [0, 176, 80]);
        // From one column to the next, blended over both.
        for (let y = 60; y <= 190; y++) {
          const share = (y - 60) / 130;
          const [red, green, blue] = y <= 80 ? [255, 0, 0] : y <= 163 ? [255, 255, 0] : [0, 176, 80];
          drawn.fill(931, y, 931, y, [red * share, green * share, blue * share]);
          drawn.fill(932, y, 932, y, [red * (1 - share), green * (1 - share), blue * (1 - share)]);
        }
        return drawn.fill(80, 27, 80, 300, BLACK).fill(80, 300, 994, 300, BLACK);
      },
    },
    {
      name: "by its two axes, with gridlines as dark as these",
      draw: () =>
        canvas()
          .fill(80, 27, 80, 300, BLACK)
          .fill(80, 300, 994, 300, BLACK)
          .fill(80, 118, 994, 118, GREY)
          .fill(700, 27, 700, 300, GREY),
    },
    {
      name: "by its two axes, and not at the last upright gridline near to their end, as strong as they are",
      draw: () => {
        const drawn = canvas().fill(80, 27, 80, 300, GREY).fill(80, 300, 994, 300, GREY);
        for (let x = 137; x <= 937; x += 100) drawn.fill(x, 27, x, 300, GREY);
        return drawn.fill(80, 118, 994, 118, GREY).fill(80, 209, 994, 209, GREY);
      },
    },
    {
      name: "in a box beyond whose right side the bottom axis goes on, and no gridline does",
      draw: () => canvas().fill(80, 164, 994, 164, FAINT).frame(80, 27, 994, 300, GREY).fill(80, 300, 1012, 300, GREY),
    },
    {
      name: "in a frame beyond whose right side all level lines go on, as marks",
      draw: () => {
        const drawn = canvas().frame(80, 27, 994, 300, GREY);
        for (const y of [27, 118, 209, 300]) drawn.fill(80, y, 1012, y, GREY);
        return drawn;
      },
    },
    {
      name: "in a frame stronger than the upright gridlines in it, beyond whose right side all level lines go on",
      draw: () => {
        const drawn = canvas();
        for (let x = 180; x < 994; x += 100) drawn.fill(x, 27, x, 300, FAINT);
        for (const y of [27, 118, 209, 300]) drawn.fill(80, y, 1012, y, GREY);
        return drawn.frame(80, 27, 994, 300, GREY);
      },
    },
    {
      name: "with gridlines both ways",
      draw: () => {
        const drawn = canvas();
        for (let x = 145; x < 994; x += 65) drawn.fill(x, 27, x, 300, FAINT);
        return drawn.fill(80, 164, 994, 164, FAINT).frame(80, 27, 994, 300);
      },
    },
    {
      name: "in a grey frame, half of which is as dark to the eye as the bands in it, with gridlines as grey",
      draw: () => {
        const drawn = canvas().fill(80, 27, 994, 180, [255, 236, 0]).fill(80, 181, 994, 300, [0, 200, 60]);
        for (const y of [60, 95, 140, 170, 200, 230, 265]) drawn.fill(80, y, 994, y, GREY);
        return drawn.frame(80, 27, 994, 300, GREY);
      },
    },
    {
      name: "around a first gridline that is near to its left side and as strong",
      draw: () => {
        const drawn = bands();
        for (let x = 105; x < 994; x += 75) drawn.fill(x, 27, x, 300, [120, 120, 120]);
        return drawn.frame(80, 27, 994, 300, GREY);
      },
    },
    {
      name: "around gridlines that stand out more from bands than itself, and a curve's steep fall",
      draw: () =>
        canvas()
          .fill(80, 27, 994, 300, [100, 200, 110])
          .fill(80, 27, 994, 200, [255, 255, 150])
          .fill(80, 164, 994, 164, GREY)
          .fill(250, 60, 250, 250, BLACK)
          .frame(80, 27, 994, 300, [110, 110, 110]),
    },
    {
      name: "where the curve begins so close to it that it hides the end of its left line",
      draw: () => {
        const drawn = canvas().frame(80, 27, 994, 300);
        for (let x = 82; x < 120; x += 2) drawn.fill(x, 225, x, 285, BLACK);
        return drawn;
      },
    },
    {
      name: "where the curve begins so close to it that it hides the middle of its left line",
      draw: () => canvas().frame(80, 27, 994, 300).fill(82, 140, 82, 185, BLACK),
    },
    {
      name: "with marks that stick out",
      draw: () => {
        const drawn = canvas().frame(80, 27, 994, 300);
        for (let x = 80; x <= 994; x += 65) drawn.fill(x, 301, x, 305, BLACK);
        return drawn;
      },
    },
    {
      name: "where a legend has a box of its own",
      draw: () => canvas().frame(80, 27, 994, 300).frame(800, 40, 980, 70, GREY),
    },
    {
      name: "on a tinted ground",
      draw: () => canvas().fill(0, 0, 1023, 399, [230, 235, 245]).frame(80, 27, 994, 300),
    },
  ])
    test(name, () => assert.deepEqual(areaOf(draw()), published));

  test("in a picture cut off within it, by its other three sides", () => {
    const drawn = canvas().fill(0, 27, 900, 27, BLACK).fill(0, 300, 900, 300, BLACK).fill(900, 27, 900, 300, BLACK);
    assert.deepEqual(areaOf(drawn), { leftPx: 0, topPx: 27, rightPx: 900, bottomPx: 300 });
  });
  test("where the picture was cut off on its right", () => {
    const drawn = canvas().fill(80, 27, 1023, 27, BLACK).fill(80, 300, 1023, 300, BLACK).fill(80, 27, 80, 300, BLACK);
    assert.deepEqual(areaOf(drawn), { ...published, rightPx: 1023 });
  });

  test("tells a side that was cut off, or is hidden by a strip of one colour or of noise, from an axis' end", () => {
    const cutOf = (drawn: Canvas) => findFrame(drawn)!.isCutOff;
    const axes = (to: number): Canvas =>
      canvas().fill(80, 27, to, 27, BLACK).fill(80, 300, to, 300, BLACK).fill(80, 27, 80, 300, BLACK);
    const [neither, right] = [
      { left: false, right: false },
      { left: false, right: true },
    ];
    assert.deepEqual(cutOf(axes(1023)), right);
    assert.deepEqual(cutOf(axes(994).fill(901, 0, 1023, 399, GREY)), right);
    assert.deepEqual(cutOf(axes(994)), neither);
    assert.deepEqual(cutOf(axes(994).fill(995, 100, 1023, 399, GREY)), neither);
    assert.deepEqual(cutOf(canvas().frame(80, 27, 994, 300)), neither);
    assert.deepEqual(cutOf(axes(994).fill(0, 0, 3, 399, GREY)), neither);
    const noisy = axes(994);
    for (let at = 3 * 901; at < noisy.rgb.length; at++)
      if (at % (3 * 1024) >= 3 * 901) noisy.rgb[at] = (at * at * 2_654_435_761) % 251;
    assert.deepEqual(cutOf(noisy), right);
    // Of some rows of noise, a line is seen to go on for a while.
    noisy.fill(901, 27, 914, 27, BLACK).fill(901, 300, 914, 300, BLACK);
    assert.deepEqual([cutOf(noisy), areaOf(noisy)], [right, { ...published, rightPx: 900 }]);
    const hatched = axes(994);
    for (let y = 0; y < 400; y += 4) hatched.fill(997, y, 1023, y + 1, GREY);
    assert.deepEqual(cutOf(hatched), neither);
    const left = canvas().fill(0, 27, 900, 27, BLACK).fill(0, 300, 900, 300, BLACK).fill(900, 27, 900, 300, BLACK);
    assert.deepEqual(cutOf(left), { left: true, right: false });
  });

  test("where a turned label stands in line with its right side", () => {
    const drawn = createCanvas(1024, 460).frame(80, 27, 994, 300);
    for (let y = 310; y < 458; y += 4) drawn.fill(995, y, 995, y + 1, BLACK);
    assert.deepEqual(areaOf(drawn), published);
  });

  test("wherever it lies", () =>
    fc.assert(
      fc.property(
        fc.record({ width: fc.integer({ min: 400, max: 1600 }), height: fc.integer({ min: 220, max: 900 }) }),
        fc.record({ left: fc.integer({ min: 30, max: 110 }), top: fc.integer({ min: 10, max: 50 }) }),
        fc.record({ right: fc.integer({ min: 8, max: 80 }), bottom: fc.integer({ min: 20, max: 100 }) }),
        ({ width, height }, { left, top }, { right, bottom }) => {
          const expected = { leftPx: left, topPx: top, rightPx: width - 1 - right, bottomPx: height - 1 - bottom };
          const drawn = createCanvas(width, height).frame(left, top, width - 1 - right, height - 1 - bottom);
          assert.deepEqual(areaOf(drawn), expected);
        },
      ),
      { numRuns: 30 },
    ));
});

describe("gridlines are found", () => {
  test("solid and dashed, where they are", () => {
    const drawn = canvas().fill(80, 164, 994, 164, FAINT);
    for (let y = 27; y < 300; y += 6) drawn.fill(500, y, 500, y + 2, FAINT);
    const frame = findFrame(drawn.frame(80, 27, 994, 300))!;
    assert.deepEqual(
      frame.gridRows.map(({ atPx }) => atPx),
      [164],
    );
    assert.deepEqual(
      frame.gridColumns.map(({ atPx }) => atPx),
      [500],
    );
  });
  test("dashed, where a curve that crosses them hides a part", () => {
    const drawn = canvas();
    for (const x of [300, 500]) for (let y = 28; y < 300; y += 4) drawn.fill(x, y, x, y + 1, FAINT);
    for (let x = 81; x < 994; x += 3) drawn.fill(x, 164, x, 164, GREY);
    drawn.fill(280, 190, 520, 230, BLACK).frame(80, 27, 994, 300);
    const { gridRows, gridColumns } = findFrame(drawn)!;
    assert.deepEqual(
      [gridRows, gridColumns].map((lines) => lines.map(({ atPx }) => atPx)),
      [[164], [300, 500]],
    );
  });
  test("but no level stretch of a curve", () => {
    const drawn = canvas().fill(200, 164, 600, 164, GREY).fill(600, 120, 994, 124, GREY).frame(80, 27, 994, 300);
    assert.deepEqual(findFrame(drawn)!.gridRows, []);
  });
  test("only inside of the frame", () => assert.deepEqual(findFrame(canvas().frame(80, 27, 994, 300))!.gridRows, []));
});

describe("no plot area is found", () => {
  test("in nothing", () => assert.equal(areaOf(canvas()), undefined));
  test("in bands without axes", () => assert.equal(areaOf(canvas().fill(0, 100, 1023, 200, GREY)), undefined));
  test("in noise", () => {
    const drawn = createCanvas(480, 300);
    let state = 7;
    for (let i = 0; i < drawn.rgb.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      drawn.rgb[i] = state >>> 24;
    }
    assert.equal(areaOf(drawn), undefined);
  });
  test("in a frame full of lines, however near they lie", () => {
    const drawn = createCanvas(1000, 900).frame(80, 27, 980, 800);
    assert.ok(areaOf(drawn) !== undefined);
    for (let column = 84; column < 980; column += 4) drawn.fill(column, 27, column, 800, BLACK);
    assert.equal(areaOf(drawn), undefined);
  });
  test("in the smallest picture", () => assert.equal(areaOf(createCanvas(16, 16)), undefined));
});
