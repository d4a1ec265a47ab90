/** A picture as it comes back from a JPEG: blocks of eight by eight, each frequency in coarse steps (ITU T.81, annex K). */

const SIDE = 8;
const BRIGHTNESS_STEPS = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
  87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
  72, 92, 95, 98, 112, 100, 103, 99,
];
const COLOUR_STEPS = BRIGHTNESS_STEPS.map((_, at) => {
  const [row, column] = [Math.floor(at / SIDE), at % SIDE];
  return (
    [
      [17, 18, 24, 47],
      [18, 21, 26, 66],
      [24, 26, 56],
      [47, 66],
    ][row]?.[column] ?? 99
  );
});
/** `WAVES[frequency * 8 + place]`: an orthonormal cosine transform. */
const WAVES = Float64Array.from({ length: SIDE * SIDE }, (_, at) => {
  const [frequency, place] = [Math.floor(at / SIDE), at % SIDE];
  return Math.cos(((2 * place + 1) * frequency * Math.PI) / (2 * SIDE)) * (frequency === 0 ? Math.SQRT1_2 : 1) * 0.5;
});

/** RGB pixels copied at a quality of 50 to 100, no colour left out between pixels (4:4:4). */
export function lossyCopy(rgb: Uint8Array, widthPx: number, heightPx: number, quality: number): Uint8Array {
  const planes = [0, 1, 2].map(() => new Float64Array(widthPx * heightPx));
  for (let at = 0; at < widthPx * heightPx; at++) {
    const [red, green, blue] = [rgb[3 * at]!, rgb[3 * at + 1]!, rgb[3 * at + 2]!];
    const luma = 0.299 * red + 0.587 * green + 0.114 * blue;
    planes[0]![at] = luma - 128;
    planes[1]![at] = (blue - luma) / 1.772;
    planes[2]![at] = (red - luma) / 1.402;
  }
  planes.forEach((plane, index) => {
    const scaled = (index === 0 ? BRIGHTNESS_STEPS : COLOUR_STEPS).map((step) =>
      Math.max(1, Math.floor((step * (200 - 2 * quality) + 50) / 100)),
    );
    for (let top = 0; top + SIDE <= heightPx; top += SIDE)
      for (let left = 0; left + SIDE <= widthPx; left += SIDE) copyBlock(plane, top * widthPx + left, widthPx, scaled);
  });
  const copy = new Uint8ClampedArray(rgb.length);
  for (let at = 0; at < widthPx * heightPx; at++) {
    const [luma, blueness, redness] = [planes[0]![at]! + 128, planes[1]![at]!, planes[2]![at]!];
    copy[3 * at] = luma + 1.402 * redness;
    copy[3 * at + 1] = luma - 0.344136 * blueness - 0.714136 * redness;
    copy[3 * at + 2] = luma + 1.772 * blueness;
  }
  return new Uint8Array(copy.buffer);
}

function copyBlock(plane: Float64Array, origin: number, widthPx: number, steps: readonly number[]): void {
  const block = Float64Array.from(steps, (_, at) => plane[origin + Math.floor(at / SIDE) * widthPx + (at % SIDE)]!);
  const waves = transform(transform(block, false), false).map((wave, at) => Math.round(wave / steps[at]!) * steps[at]!);
  transform(transform(waves, true), true).forEach((value, at) => {
    plane[origin + Math.floor(at / SIDE) * widthPx + (at % SIDE)] = value;
  });
}

/** Along the rows, and turned over: twice is along both. */
function transform(block: Float64Array, isBack: boolean): Float64Array {
  const result = new Float64Array(block.length);
  for (let row = 0; row < SIDE; row++)
    for (let to = 0; to < SIDE; to++) {
      let sum = 0;
      for (let from = 0; from < SIDE; from++)
        sum += block[row * SIDE + from]! * WAVES[isBack ? from * SIDE + to : to * SIDE + from]!;
      result[to * SIDE + row] = sum;
    }
  return result;
}
