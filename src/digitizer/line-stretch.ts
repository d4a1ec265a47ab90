/**
 * Stretches: from where to where a line is drawn, by how dark it is at its samples.
 * Owns which holes a line goes on beyond; what makes one, and what lies at its corners, is left to `ruled-lines`.
 */

/** A line must be darker than what lies on both of its sides by this much. Gridlines are faint. */
export const MIN_CONTRAST = 9;
/** Dashes and crossing curves leave at least this share of a line. */
export const MIN_DRAWN = 0.3;
/** The axes take at least this share of the picture's width and height. */
export const MIN_AXIS_SHARE = 0.3;
/** Damage takes no more than this share of the picture from a line at once; what follows is as dark, and so many samples long. */
const MOST_DAMAGED = 0.1;
const LEAST_PIECE = 3;

/** A part of a line, by the numbers of its samples. */
export interface Stretch {
  from: number;
  to: number;
  contrast: number;
  drawn: number;
}

/**
 * The longest stretch of a line. Dashes and a crossing curve leave holes; but where it is solid for most of its length,
 * what lies beyond a hole is something else, such as a label in the same row.
 */
export function findStretch(
  contrast: Uint8Array,
  lumaOf: (sample: number) => number,
  isCorner: (sample: number) => boolean,
): Stretch | undefined {
  const isLong = (line: Stretch | undefined): line is Stretch =>
    line !== undefined && line.to - line.from >= MIN_AXIS_SHARE * contrast.length;
  const solid = longestStretch(contrast, 2);
  const mended = solid && overDamage(contrast, solid, lumaOf, isCorner);
  const holed = longestStretch(contrast, Math.max(4, Math.floor(contrast.length / 25)));
  if (isLong(mended) && (!isLong(holed) || mended.to - mended.from > 0.75 * (holed.to - holed.from))) return mended;
  return isLong(holed) ? holed : undefined;
}

/**
 * A solid line with what goes on as solid and as dark beyond a hole: damage, such as white spots on a frame, broke it. But
 * where either ends at a corner, there is no hole: it is the frame, and another box in line with it.
 */
function overDamage(
  contrast: Uint8Array,
  solid: Stretch,
  lumaOf: (sample: number) => number,
  isCorner: (sample: number) => boolean,
): Stretch {
  const own = lumaOf((solid.from + solid.to) >> 1);
  const mostHole = Math.floor(MOST_DAMAGED * contrast.length);
  const endOf = (start: number, step: 1 | -1): number => {
    let end = start;
    let length = 0;
    for (let at = end + step; Math.abs(at - end) <= mostHole + LEAST_PIECE && at in contrast; at += step) {
      length = contrast[at] !== 0 && Math.abs(lumaOf(at) - own) < MIN_CONTRAST ? length + 1 : 0;
      if (length < LEAST_PIECE) continue;
      if (length === LEAST_PIECE && Math.abs(at - end) > LEAST_PIECE)
        if (isCorner(end) || isCorner(at - step * (LEAST_PIECE - 1))) break;
      end = at;
    }
    return end;
  };
  const [from, to] = [endOf(solid.from, -1), endOf(solid.to, 1)];
  const drawn = contrast.subarray(from, to + 1).reduce((sum, darker) => sum + (darker > 0 ? 1 : 0), 0);
  return { ...solid, from, to, drawn: drawn / (to - from + 1) };
}

function longestStretch(contrast: Uint8Array, maxHole: number): Stretch | undefined {
  let best: Stretch | undefined;
  for (let from = 0; from < contrast.length; from++) {
    if (contrast[from] === 0) continue;
    let to = from;
    let count = 0;
    let sum = 0;
    for (let i = from; i < contrast.length && i - to <= maxHole; i++) {
      if (contrast[i] === 0) continue;
      to = i;
      count++;
      sum += contrast[i]!;
    }
    const drawn = count / (to - from + 1);
    if (drawn >= MIN_DRAWN && (best === undefined || to - from > best.to - best.from))
      best = { from, to, contrast: sum / count, drawn };
    from = to;
  }
  return best;
}
