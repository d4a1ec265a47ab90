/** Which part of a picture is seen: how many times as large, and what of it is in the middle. Owns its limits. */

export interface Zoom {
  /** 1 shows the whole picture. */
  times: number;
  /** The middle of what is seen, in shares of the picture's width and height. */
  x: number;
  y: number;
}

export const WHOLE: Zoom = { times: 1, x: 0.5, y: 0.5 };
const MOST_TIMES = 16;

/** The nearest one that the limits allow: the picture fills its frame. */
export function fitZoom({ times, x, y }: Zoom): Zoom {
  const fitted = Math.min(Math.max(times, 1), MOST_TIMES);
  const half = 0.5 / fitted;
  const hold = (middle: number): number => Math.min(Math.max(middle, half), 1 - half);
  return { times: fitted, x: hold(x), y: hold(y) };
}

/** @param at what stays where it is, in shares of the frame: its middle unless said otherwise */
export function zoomBy({ times, x, y }: Zoom, factor: number, at = { x: 0.5, y: 0.5 }): Zoom {
  const next = fitZoom({ times: times * factor, x: 0.5, y: 0.5 }).times;
  const held = (middle: number, share: number): number => middle + (share - 0.5) * (1 / times - 1 / next);
  return fitZoom({ times: next, x: held(x, at.x), y: held(y, at.y) });
}

/** @param by shares of the frame; above 0 looks further to the right, and further down */
export const moveBy = ({ times, x, y }: Zoom, by: { x: number; y: number }): Zoom =>
  fitZoom({ times, x: x + by.x / times, y: y + by.y / times });

/** As in the address: `4,0.25,0.5`; the whole picture for what can't be understood. */
export function parseZoom(text: string | undefined): Zoom {
  const [times = Number.NaN, x = Number.NaN, y = Number.NaN] = (text ?? "").split(",").map(Number);
  return Number.isFinite(times + x + y) ? fitZoom({ times, x, y }) : WHOLE;
}

/** `undefined` for the whole picture, which the address needn't say. */
export function zoomText({ times, x, y }: Zoom): string | undefined {
  if (times === 1) return undefined;
  return [Number(times.toPrecision(3)), Number(x.toFixed(4)), Number(y.toFixed(4))].join(",");
}
