/**
 * Inner text: legends, stamps and other words inside the plot area, which are no curve.
 * Text is told by being grey or black, small, in a row, and readable; what it says doesn't matter here.
 */
import type { PlotArea } from "../model/plot.ts";
import { endOfEven, WHITE_WORD, wordsOf } from "./even-pixels.ts";
import { type Blob, findBlobs, type Ink, INK_THRESHOLD } from "./ink.ts";
import type { Frame } from "./plot-area.ts";
import type { PixelBox, Raster } from "./png.ts";
import { glyphReader } from "./glyph-reader.ts";
import { groupLines, readLine } from "./text.ts";
import { isTooLarge } from "./trace.ts";

/** Text and the border of a legend are no brighter than this, in their brightest channel. */
const MAX_BRIGHTNESS = 185;
/** And no more coloured than this. */
const MAX_COLOUR = 45;
/** Ink is at most this bright, as a share of its ground. */
const MAX_DARKNESS = 0.72;
/** Rows looked at first: characters are higher than this. */
const ROW_STEP = 4;
const MIN_CHARACTERS = 3;
const MAX_HEIGHT_PX = 26;
/** Characters that touch are no narrower than this, in heights. */
const NARROWEST = 0.6;
/** Mean log likelihood of characters; pieces of a curve read worse. */
const MIN_CONFIDENCE = -1.1;
/** A quiet curve is a row of many pieces, too: what has so many, and spans so much of the plot area, must read better. */
const LONG = { characters: 24, share: 0.6, minConfidence: -0.5 };
/** One or two pieces may be characters that touch, which must be small and read well as letters, with a legend's line or without. */
const TOUCHING = { minConfidence: -0.2, mostHeightPx: 14, form: /^-*[A-Za-z0-9]{3,}$/ };
/** A line of text, strokes that hang lower included, is no higher than so many capitals; a curve cut by gridlines is. */
const MAX_LINE_HEIGHT = 2;
/** And all but a few of its pieces are as low by themselves. */
const MOST_WHOLE = 0.8;
/** More pieces of ink than this are noise. */
const MAX_PIECES = 2500;
/** Left around text, for the faint edges of its characters. */
const PADDING_PX = 2;

/** The boxes of all text inside the plot area, legends with their border and their sample of the line. */
export function findInnerText(raster: Raster, { plotArea: area, gridColumns, gridRows }: Frame): PixelBox[] {
  if (isTooLarge(area) || !hasGrey(raster, area)) return [];
  const ink = darkInk(raster, area, new Set(gridRows.map(({ atPx }) => Math.round(atPx))));
  for (const { atPx } of gridColumns) clearLine(ink, Math.round(atPx) - ink.leftPx, "upright");
  for (const { atPx } of gridRows) clearLine(ink, Math.round(atPx) - ink.topPx, "level");
  const blobs = findBlobs(ink);
  const small = blobs.filter(
    (blob) => blob.bottom - blob.top < MAX_HEIGHT_PX && blob.right - blob.left < 2 * MAX_HEIGHT_PX,
  );
  const borders = blobs.filter((blob) => isBorder(blob, ink));
  if (small.length > MAX_PIECES) return [];
  const reader = glyphReader();
  const boxes: PixelBox[] = [];
  for (const line of groupLines(ink, small, "level")) {
    const height = line.band.v1 - line.band.v0 + 1;
    // What a gridline goes through may be higher, if it is but one character of them.
    const patches = line.patches.filter((patch) => patch.v1 - patch.v0 + 1 <= MAX_LINE_HEIGHT * height);
    const tall = patches.filter((patch) => patch.v1 - patch.v0 + 1 >= 0.5 * height);
    if (height < 5 || tall.length === 0 || patches.length < MOST_WHOLE * line.patches.length) continue;
    const mayTouch = tall.length < MIN_CHARACTERS;
    const widthPx = tall.reduce((sum, { u0, u1 }) => sum + u1 - u0 + 1, 0);
    if (mayTouch && (height > TOUCHING.mostHeightPx || widthPx < MIN_CHARACTERS * NARROWEST * height)) continue;
    const { box, confidence, glyphs } = readLine(ink, { ...line, patches }, "level", reader);
    if (confidence < (mayTouch ? TOUCHING.minConfidence : MIN_CONFIDENCE)) continue;
    const isLong = glyphs.length > LONG.characters && box.rightPx - box.leftPx > LONG.share * ink.widthPx;
    if (isLong && confidence < LONG.minConfidence) continue;
    if (mayTouch && !TOUCHING.form.test(glyphs.map(({ character }) => character).join(""))) continue;
    if (box.bottomPx - box.topPx + 1 > MAX_LINE_HEIGHT * height) continue;
    const border = borders.find((blob) => surrounds(toBox(ink, blob), box));
    boxes.push(border === undefined ? withSample(raster, area, box) : toBox(ink, border));
  }
  return boxes;
}

function isGrey(rgb: Uint8Array, at: number): boolean {
  return brightnessAt(rgb, at) <= MAX_BRIGHTNESS && colourAt(rgb, at) <= MAX_COLOUR;
}

/** Is there anything grey at all? In most plots there isn't, and nothing else need be done. */
function hasGrey({ rgb, widthPx }: Raster, { leftPx, rightPx, topPx, bottomPx }: PlotArea): boolean {
  const words = wordsOf(rgb);
  let found = 0;
  for (let y = topPx + 3; y < bottomPx - 2; y += ROW_STEP)
    for (let at = 3 * (y * widthPx + leftPx + 3), end = 3 * (y * widthPx + rightPx - 2); at < end; at += 3) {
      if (words !== undefined && (at & 3) === 0) at = endOfEven(words, at, end, WHITE_WORD);
      if (at < end && rgb[at + 1]! <= MAX_BRIGHTNESS && isGrey(rgb, at) && ++found >= MIN_CHARACTERS) return true;
    }
  return false;
}

/**
 * How much darker than its row's ground each pixel is, where it is so by greyness and not by a colour of its own. A
 * gridline is no ground: over a dark one a legend's border, hardly darker, would be cut in two.
 */
function darkInk({ rgb, widthPx }: Raster, area: PlotArea, gridRows: ReadonlySet<number>): Ink {
  const [leftPx, topPx] = [area.leftPx + 2, area.topPx + 2];
  const [width, height] = [area.rightPx - 1 - leftPx, area.bottomPx - 1 - topPx];
  const ink = new Uint8Array(width * height);
  const counts = new Uint16Array(256);
  let groundAt = 0;
  for (let y = 0, to = 0; y < height; y++) {
    const start = 3 * ((topPx + y) * widthPx + leftPx);
    if (y === 0 || !gridRows.has(topPx + y)) {
      counts.fill(0);
      groundAt = start;
      for (let x = 0; x < width; x += 5) {
        const at = start + 3 * x;
        const own = ++counts[brightnessAt(rgb, at)]!;
        if (own > counts[brightnessAt(rgb, groundAt)]!) groundAt = at;
      }
    }
    const ground = brightnessAt(rgb, groundAt);
    const groundColour = colourAt(rgb, groundAt) / Math.max(1, ground);
    for (let x = 0, at = start; x < width; x++, at += 3, to++) {
      const brightness = brightnessAt(rgb, at);
      if (brightness > MAX_DARKNESS * ground) continue;
      const colour = colourAt(rgb, at);
      if (colour > MAX_COLOUR && colour > (groundColour + 0.25) * brightness) continue;
      ink[to] = INK_THRESHOLD + ((255 - INK_THRESHOLD) * (ground - brightness)) / ground;
    }
  }
  return { leftPx, topPx, widthPx: width, heightPx: height, ink };
}

/** A dark gridline would join the characters that it touches: it is taken out where no stroke crosses it. */
function clearLine({ ink, widthPx, heightPx }: Ink, at: number, orientation: "level" | "upright"): void {
  const [across, along, start, length] =
    orientation === "level" ? [widthPx, 1, at * widthPx, widthPx] : [1, widthPx, at, heightPx];
  if (at < 1 || at >= (orientation === "level" ? heightPx : widthPx) - 1) return;
  for (let i = 0, from = start; i < length; i++, from += along)
    if (ink[from - across] === 0 || ink[from + across] === 0) ink[from] = 0;
}

function brightnessAt(rgb: Uint8Array, at: number): number {
  return Math.max(rgb[at]!, rgb[at + 1]!, rgb[at + 2]!);
}

/** How coloured: 0 is grey. */
function colourAt(rgb: Uint8Array, at: number): number {
  return brightnessAt(rgb, at) - Math.min(rgb[at]!, rgb[at + 1]!, rgb[at + 2]!);
}

function toBox({ leftPx, topPx }: Ink, blob: Blob): PixelBox {
  return {
    leftPx: leftPx + blob.left,
    rightPx: leftPx + blob.right,
    topPx: topPx + blob.top,
    bottomPx: topPx + blob.bottom,
  };
}

/** A rectangle drawn around something: large, but hollow, so that its corners are inked and its middle is not. */
function isBorder(blob: Blob, { ink, widthPx, heightPx }: Ink): boolean {
  const { left, right, top, bottom } = blob;
  if (right - left < 30 || bottom - top < 9 || right - left > 0.6 * widthPx || bottom - top > 0.6 * heightPx)
    return false;
  let sides = 0;
  for (let x = left; x <= right; x++)
    for (const y of [top, bottom - 1]) {
      // A lossy copy smears a corner by a pixel.
      const at = y * widthPx + x;
      if (ink[at]! > 0 || ink[at + widthPx]! > 0) sides++;
    }
  return sides > 1.6 * (right - left + 1);
}

function surrounds(outer: PixelBox, inner: PixelBox): boolean {
  return (
    outer.leftPx < inner.leftPx &&
    outer.rightPx > inner.rightPx &&
    outer.topPx < inner.topPx &&
    outer.bottomPx > inner.bottomPx
  );
}

/** A legend without border: its text, and the short level stroke on its left that shows the line. */
function withSample({ rgb, widthPx }: Raster, area: PlotArea, text: PixelBox): PixelBox {
  const height = text.bottomPx - text.topPx + 1;
  const padded = {
    leftPx: text.leftPx - PADDING_PX,
    rightPx: text.rightPx + PADDING_PX,
    topPx: text.topPx - PADDING_PX,
    bottomPx: text.bottomPx + PADDING_PX,
  };
  const least = Math.max(area.leftPx + 2, text.leftPx - Math.round(7 * height));
  for (let y = text.topPx + Math.floor(0.25 * height); y <= text.bottomPx - Math.floor(0.2 * height); y++) {
    const differs = (x: number, row: number): boolean => {
      const [at, ground] = [3 * (row * widthPx + x), 3 * (row * widthPx + text.leftPx - 2)];
      let most = 0;
      for (let c = 0; c < 3; c++) most = Math.max(most, Math.abs(rgb[at + c]! - rgb[ground + c]!));
      return most > 70;
    };
    let end = text.leftPx - 2;
    while (end > text.leftPx - 1.5 * height && end > least && !differs(end, y)) end--;
    let start = end;
    while (start > least && differs(start - 1, y)) start--;
    const [length, middle] = [end - start, (start + end) >> 1];
    const alone = !differs(middle, y - 4) && !differs(middle, y + 4);
    if (length >= 8 && start > least && alone) return { ...padded, leftPx: start - PADDING_PX };
  }
  return padded;
}
