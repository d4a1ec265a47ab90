import assert from "node:assert/strict";
import { beforeAll, describe, test } from "vitest";
import { NUMBER_CHARACTERS } from "../../src/digitizer/amplitude-labels.ts";
import { glyphReader } from "../../src/digitizer/glyph-reader.ts";
import { INK_THRESHOLD } from "../../src/digitizer/ink.ts";
import { findAmplitudeLabels, findTimeLabels, inkBelow, LABEL_GAP } from "../../src/digitizer/labels.ts";
import { DATE_CHARACTERS } from "../../src/digitizer/date-forms.ts";
import { draw, prepareDrawing } from "./drawn.ts";

beforeAll(prepareDrawing);

const area = { leftPx: 80, topPx: 27, rightPx: 580, bottomPx: 227 };
const FRAME = `<rect x="80.5" y="27.5" width="500" height="200" fill="none" stroke="#000"/>`;
const AMPLITUDES = [
  ["10^1", 27],
  ["10^0", 127],
  ["10^-1", 227],
]
  .map(([text, y]) => `<text x="66" y="${Number(y) + 4.5}" font-size="12" text-anchor="end">${text}</text>`)
  .join("");
/** Turned upwards, the first of them at the frame's corner. */
const days = (texts: readonly string[]): string =>
  texts
    .map(
      (text, i) =>
        `<text transform="translate(${80 + 240 * i + 4.5} 236) rotate(-90)" font-size="12" text-anchor="end">${text}</text>`,
    )
    .join("");
/** Ink along the left edge, three px wide. */
const DAMAGE = `<path d="M0 20 h3 v110 h-3 z M0 140 h3 v120 h-3 z"/>`;
/** A torn edge: ink up to eleven px deep, and longer than any character is. */
const TORN = `<path d="M0 8 L9 14 L11 40 L8 62 L0 70 z M0 110 L10 118 L8 140 L0 146 z"/>`;
const STAMP = `<text x="560" y="306" font-size="11" text-anchor="end">Updated: 08/05/2025 00:42 UTC</text>`;

describe("amplitude labels are found", () => {
  for (const { name, beside } of [
    { name: "where nothing else is near", beside: "" },
    { name: "beside a damaged edge of the picture", beside: DAMAGE },
  ])
    test(name, () => assert.deepEqual(amplitudesIn(AMPLITUDES + beside), ["10^-1", "10^0", "10^1"]));

  test("beside a torn edge of the picture, though their digits touch", () => {
    const touching = AMPLITUDES.replaceAll("<text", `<text letter-spacing="-2"`);
    assert.deepEqual(amplitudesIn(touching + TORN), ["10^-1", "10^0", "10^1"]);
  });

  function amplitudesIn(drawn: string): string[] {
    const raster = draw(620, 320, "DejaVu Sans", FRAME + drawn);
    const { labels } = findAmplitudeLabels(raster, area, 1, glyphReader(NUMBER_CHARACTERS));
    return labels.map(({ lines }) => lines[0]!.text.replaceAll(" ", "")).sort();
  }
});

test("exponents raised to the top of their base belong to it", () => {
  const powers = [
    ["2", 27],
    ["1", 127],
    ["0", 227],
  ]
    .map(
      ([power, y]) =>
        `<text x="60" y="${Number(y) + 4.5}" font-size="12" text-anchor="end">10</text>` +
        `<text x="68" y="${Number(y) - 2}" font-size="10" text-anchor="end">${power}</text>`,
    )
    .join("");
  const raster = draw(620, 320, "DejaVu Sans", FRAME + powers);
  const { labels } = findAmplitudeLabels(raster, area, 1, glyphReader(NUMBER_CHARACTERS));
  const texts = labels.map(({ lines }) => lines[0]!.text.replaceAll(" ", "")).sort();
  assert.deepEqual(texts, ["100", "101", "102"]);
});

test("short turned time labels are found beside a longer level stamp, though some of their characters touch", () => {
  const labels = ["06/05", "07/05", "08/05"];
  const joined = labels.map((_, i) => `<rect x="${80 + 240 * i + 3}" y="248" width="1" height="20"/>`).join("");
  const raster = draw(620, 320, "DejaVu Sans", FRAME + days(labels) + joined + STAMP);
  const way = { threshold: INK_THRESHOLD, gap: LABEL_GAP };
  const found = findTimeLabels(inkBelow(raster, area, 1), glyphReader(DATE_CHARACTERS), way).labels;
  assert.ok(found.length >= 3 && found.every(({ lines }) => lines[0]!.direction === "upwards"));
});

test("level time labels with thin upright characters aren't taken for turned ones", () => {
  const labels = ["03-Jul-25 11:00", "04-Jul-25 11:00", "05-Jul-25 11:00"]
    .map((text, i) => `<text x="${80 + 240 * i}" y="246" font-size="10" text-anchor="middle">${text}</text>`)
    .join("");
  const raster = draw(620, 320, "DejaVu Sans Condensed", FRAME + labels);
  const way = { threshold: INK_THRESHOLD, gap: LABEL_GAP };
  const found = findTimeLabels(inkBelow(raster, area, 1), glyphReader(), way).labels;
  assert.deepEqual(
    found.map(({ lines }) => lines[0]!.direction),
    ["level", "level", "level"],
  );
});

describe("level time labels of two lines aren't taken for turned ones", () => {
  for (const { name, lines } of [
    { name: "the date above the hour", lines: ["29/03/2025", "H00"] },
    { name: "the hour above the date", lines: ["00:00", "29/03/25"] },
  ])
    test(name, () => {
      const labels = [0, 1, 2, 3, 4]
        .flatMap((i) => lines.map((text, row) => ({ text: text.replace("29", `${20 + i}`), i, row })))
        .map(({ text, i, row }) => `<text x="${80 + 120 * i}" y="${246 + 14 * row}">${text}</text>`)
        .join("");
      const level = `<g font-size="11" text-anchor="middle">${labels}</g>`;
      const raster = draw(620, 320, "DejaVu Sans", FRAME + level);
      const way = { threshold: INK_THRESHOLD, gap: LABEL_GAP };
      const found = findTimeLabels(inkBelow(raster, area, 1), glyphReader(DATE_CHARACTERS), way).labels;
      assert.deepEqual(
        found.map((label) => label.lines.map(({ text }) => text)),
        [0, 1, 2, 3, 4].map((i) => lines.map((text) => text.replace("29", `${20 + i}`))),
      );
    });
});

describe("time labels are found", () => {
  for (const { name, labels, beside } of [
    { name: "turned", labels: ["06/05/25 H00", "07/05/25 H00", "08/05/25 H00"], beside: "" },
    { name: "turned, few and short, with a long stamp below", labels: ["06/05", "07/05", "08/05"], beside: STAMP },
  ])
    test(name, () => {
      const raster = draw(620, 320, "DejaVu Sans", FRAME + days(labels) + beside);
      const way = { threshold: INK_THRESHOLD, gap: LABEL_GAP };
      const found = findTimeLabels(inkBelow(raster, area, 1), glyphReader(DATE_CHARACTERS), way).labels;
      assert.ok(found.every(({ lines }) => lines[0]!.direction === "upwards"));
      const texts = found.map(({ lines }) => lines[0]!.text.replaceAll(" ", ""));
      assert.deepEqual(
        texts.slice(0, labels.length),
        labels.map((label) => label.replaceAll(" ", "")),
      );
    });

  for (const rows of [4, 13, 20])
    test(`above ${rows} rows of stripes along the picture's edge`, () => {
      const labels = ["06/05/25 H00", "07/05/25 H00", "08/05/25 H00"];
      const raster = draw(620, 350, "DejaVu Sans", FRAME + days(labels));
      for (let at = 3 * 620 * (350 - rows); at < raster.rgb.length; at++)
        raster.rgb[at] = Math.imul((at % (3 * 620)) + 1, 2654435761) >>> 24;
      const way = { threshold: INK_THRESHOLD, gap: LABEL_GAP };
      const found = findTimeLabels(inkBelow(raster, area, 1), glyphReader(DATE_CHARACTERS), way).labels;
      assert.deepEqual(
        found.map(({ lines }) => lines[0]!.text),
        labels,
      );
    });
  for (const { name, cutPx, lost } of [
    { name: "down to the picture's very edge", cutPx: 0, lost: 0 },
    { name: "without first characters of which the edge leaves little", cutPx: 5, lost: 1 },
  ])
    test(name, () => {
      const labels = ["06/05/25 H00", "07/05/25 H00", "08/05/25 H00"];
      const drawn = FRAME + days(labels);
      const { ink, widthPx, topPx } = inkBelow(draw(620, 340, "DejaVu Sans", drawn), area, 1);
      const lowestPx = topPx + Math.floor(ink.findLastIndex((value) => value > INK_THRESHOLD) / widthPx);
      const below = inkBelow(draw(620, lowestPx + 1 - cutPx, "DejaVu Sans", drawn), area, 1);
      const way = { threshold: INK_THRESHOLD, gap: LABEL_GAP };
      const found = findTimeLabels(below, glyphReader(DATE_CHARACTERS), way).labels;
      const texts = found.map(({ lines }) => lines[0]!.text.replaceAll(" ", ""));
      assert.deepEqual(
        texts,
        labels.map((label) => label.replaceAll(" ", "").slice(lost)),
      );
    });
});
