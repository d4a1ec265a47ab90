/** A rectangle of pixels; all four sides belong to it. */
export interface PixelBox {
  leftPx: number;
  topPx: number;
  rightPx: number;
  bottomPx: number;
}
