import assert from "node:assert/strict";
import { beforeAll, describe, test } from "vitest";
import { glyphReader } from "../../src/digitizer/glyph-reader.ts";
import { readTitle, type Title } from "../../src/digitizer/title.ts";
import { draw, prepareDrawing } from "./drawn.ts";

beforeAll(prepareDrawing);

const area = { leftPx: 80, topPx: 40, rightPx: 994, bottomPx: 300 };

/** Reads a title drawn above the plot area, and a smaller line beside it. */
function read(title: string, beside = ""): Title {
  const texts = `<text x="300" y="22" font-size="16">${title}</text><text x="700" y="22" font-size="11">${beside}</text>`;
  return readTitle(draw(1024, 80, "Arimo bold", texts), area, glyphReader());
}

describe("the station is read in", () => {
  for (const [title, station] of [
    ["ECBD - RMS (UTC Time)", "ECBD"],
    ["EBCN - RMS (UTC Time)", "EBCN"],
    ["RMS EMFS (UTC)", "EMFS"],
    ["ETNA - EMPL - RMS amplitude", "EMPL"],
    ["Tremore vulcanico - ESLN (UTC Time)", "ESLN"],
    ["EMCN.HHZ RMS", "EMCN"],
    ["Station ECNE of INGV", "ECNE"],
    ["RMS IV EPDN", "EPDN"],
    ["RMS CSFT (UTC)", "CSFT"],
    ["ESV0 - RMS (UTC Time)", "ESVO"],
    ["STR1 - RMS (UTC Time)", "STR1"],
    // As a bold M of a narrow font is read, there and in a code that is known.
    ["EHNR - RHS (UTC Time)", "EMNR"],
    ["EHNX - RHS (UTC Time)", "EHNX"],
  ] as const)
    test(title, () => assert.equal(read(title).station, station));

  test("letters that touch", () => {
    for (const spacing of [-0.5, -0.6, -0.7])
      assert.equal(read(`<tspan letter-spacing="${spacing}">EPIT</tspan> - RMS (UTC)`).station, "EPIT");
  });
  test("letters that touch so that they read as a shorter code", () => {
    for (const size of [12, 13, 14])
      for (const spacing of [-0.9, -1.1, -1.3]) {
        const title = `<text x="300" y="22" font-size="${size}" letter-spacing="${spacing}">EPIT - RMS</text>`;
        assert.equal(
          readTitle(draw(1024, 80, "Arimo bold", title), area, glyphReader()).station,
          "EPIT",
          `${size} ${spacing}`,
        );
      }
  });
  test("wide letters with serifs that touch", () => {
    for (const size of [15, 18])
      for (const code of ["EMNR", "MNPE", "EMMW", "WMNM"]) {
        const title = `<text x="300" y="22" font-size="${size}" letter-spacing="-0.5">${code} - RMS (UTC)</text>`;
        const found = readTitle(draw(1024, 80, "DejaVu Serif bold", title), area, glyphReader());
        assert.equal(found.title, `${code} - RMS (UTC)`, `${size}`);
        assert.equal(found.station, code);
      }
  });
  test("hard letters, of which one looks a little more like another", () => {
    for (const [code, font, size, x] of [
      ["EPLC", "Arimo (as Liberation Sans)", 14, 300],
      ["EPLC", "DejaVu Sans", 11, 300.5],
      ["ESPC", "DejaVu Sans Condensed", 11, 300],
      ["EMPL", "Arimo (as Liberation Sans)", 14, 300.75],
    ] as const) {
      const raster = draw(1024, 80, font, `<text x="${x}" y="22" font-size="${size}">${code} - RMS (UTC Time)</text>`);
      for (let at = 0; at < raster.rgb.length; at++) raster.rgb[at] = raster.rgb[at]! < 100 ? 40 : 255;
      assert.equal(readTitle(raster, area, glyphReader()).station, code, `${font} ${size}`);
    }
  });
  test("an unknown code that is like a known one", () => {
    for (const code of ["EPT", "ECBO", "EMCM", "EPIF", "ENIU"]) assert.equal(read(`${code} - RMS (UTC)`).station, code);
  });
  for (const [damage, colourAt] of [
    ["black", () => 0],
    ["grey", () => 128],
    ["noise", (at: number) => Math.imul(at + 1, 2654435761) >>> 24],
  ] as const)
    test(`a title under an edge damaged by ${damage}`, () => {
      for (const rows of [5, 7]) {
        const raster = draw(1024, 80, "Arimo bold", `<text x="300" y="18" font-size="18">ENIC - RMS (UTC Time)</text>`);
        for (let at = 0; at < 3 * 1024 * rows; at++) raster.rgb[at] = colourAt(at);
        assert.equal(readTitle(raster, area, glyphReader()).station, "ENIC", `${rows} rows`);
      }
    });
  test("a title strewn with single dark pixels", () => {
    for (const step of [613, 691, 797]) {
      const raster = draw(1024, 80, "Arimo bold", `<text x="300" y="18" font-size="16">ECBD - RMS (UTC Time)</text>`);
      for (let at = 290; at < 1024 * 20; at += step) raster.rgb.fill(0, 3 * at, 3 * at + 3);
      assert.equal(readTitle(raster, area, glyphReader()).station, "ECBD", `every ${step} pixels`);
    }
  });
  test("no scraps of letters that have lost their upper halves", () => {
    for (const code of ["ECNE", "EMSG", "ESVO", "EPIT", "EBCN"])
      for (const rows of [13, 14, 15, 16]) {
        const raster = draw(
          1024,
          80,
          "Arimo bold",
          `<text x="300" y="20" font-size="15">${code} - RMS (UTC Time)</text>`,
        );
        raster.rgb.fill(255, 0, 3 * 1024 * rows);
        const { station, title } = readTitle(raster, area, glyphReader());
        assert.ok(station === undefined || station === code, `${code} under ${rows} rows: ${station} in "${title}"`);
      }
  });
  test("the title, not in a longer line of capitals", () =>
    assert.equal(read("EPMN - RMS (UTC)", "USGS MIRROR, UPDATED 22/02/2024 20:32 UTC").station, "EPMN"));
  test("a title of nothing else", () =>
    assert.equal(read(`<tspan letter-spacing="-0.7">EMFO</tspan>`).station, "EMFO"));
  test("a small title, not in the longer stamp beside it", () => {
    const title = `<text x="400" y="22" font-size="11">HCRL - RMS (UTC)</text>`;
    const stamp = `<text x="700" y="22" font-size="11">Updated on 16/08/2 025 at 03:07:12 UTC</text>`;
    const found = readTitle(draw(1024, 80, "Arimo bold", title + stamp), area, glyphReader());
    assert.deepEqual([found.station, found.title], ["HCRL", "HCRL - RMS (UTC)"]);
  });
  test("no title that names none", () => {
    assert.equal(read("RMS amplitude (UTC Time)").station, undefined);
    assert.equal(read("").station, undefined);
  });
});

test("the title is the larger of the lines", () =>
  assert.equal(read("ECBD - RMS (UTC Time)", "Updated: 22/09/2025").title, "ECBD - RMS (UTC Time)"));
