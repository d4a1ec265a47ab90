/**
 * Lines as the GD library draws them, which made the published plots: from whole pixel to whole pixel, two pixels for
 * each step along the longer side, which share the colour by how near the line passes (after Wu, 1991).
 * The arithmetic is GD's own fixed point, 16 bits behind the point, so that curves come out equal to the last bit.
 */
import { offsetOf, type Colour, type RgbImage } from "./rgb-image.ts";

export interface Vertex {
  columnPx: number;
  rowPx: number;
}

/** Pixels outside stay as they are. All four sides belong to it. */
export interface Clip {
  leftPx: number;
  topPx: number;
  rightPx: number;
  bottomPx: number;
}

/** Draws the lines that join the vertices, each of which is a whole pixel. A single vertex draws nothing. */
export function drawPolyline(image: RgbImage, vertices: readonly Vertex[], colour: Colour, clip: Clip): void {
  for (let at = 1; at < vertices.length; at++) drawLine(image, vertices[at - 1]!, vertices[at]!, colour, clip);
}

function drawLine(image: RgbImage, from: Vertex, to: Vertex, colour: Colour, clip: Clip): void {
  const across = to.columnPx - from.columnPx;
  const down = to.rowPx - from.rowPx;
  if (across === 0 && down === 0) return blend(image, from.columnPx, from.rowPx, colour, 0, clip);
  const flat = Math.abs(across) > Math.abs(down);
  if ((flat ? across : down) < 0) return drawLine(image, to, from, colour, clip);

  const [start, end] = flat ? [from.columnPx, to.columnPx] : [from.rowPx, to.rowPx];
  const step = Math.trunc(((flat ? down : across) * 65536) / (end - start));
  let fixed = (flat ? from.rowPx : from.columnPx) * 65536;
  for (let along = start; along <= end; along++, fixed += step) {
    const beside = fixed >> 16;
    const share = (fixed >> 8) & 255;
    if (flat) {
      blend(image, along, beside, colour, share, clip);
      blend(image, along, beside + 1, colour, 255 - share, clip);
    } else {
      blend(image, beside, along, colour, share, clip);
      blend(image, beside + 1, along, colour, 255 - share, clip);
    }
  }
}

/** Mixes the colour into a pixel. @param transparency 0 sets the colour, 255 leaves what is there */
function blend(
  image: RgbImage,
  columnPx: number,
  rowPx: number,
  colour: Colour,
  transparency: number,
  { leftPx, topPx, rightPx, bottomPx }: Clip,
): void {
  if (columnPx < leftPx || columnPx > rightPx || rowPx < topPx || rowPx > bottomPx) return;
  const at = offsetOf(image, columnPx, rowPx);
  for (let part = 0; part < 3; part++) {
    const difference = (image.scanlines[at + part]! - colour[part]!) * transparency;
    image.scanlines[at + part] = colour[part]! + ((difference + (difference >> 8) + 0x80) >> 8);
  }
}
