/**
 * The straight line through most of some points: of labels, a few of which may be misread.
 * Owns the fit only; what the points mean is `calibration`'s.
 */

/** A point of an axis: where it is in the picture, and its value in any unit. */
export interface AxisPoint {
  atPx: number;
  value: number;
}

/** `value = atOrigin + perPx * px`. */
export interface Line {
  atOrigin: number;
  perPx: number;
  /** The points that agree with it. */
  inliers: AxisPoint[];
  /** Root mean square distance of those from the line, in px. */
  residualPx: number;
}

/** No axis has more labels. */
const MAX_POINTS = 200;

/**
 * The line that most points agree with to `tolerancePx`, then fitted to these by least squares.
 * `sign` is the line's direction: 1 where values grow with px, -1 where they fall.
 * `undefined` when no two points agree on that direction, or there are too many to be labels.
 */
export function fitRobustLine(points: readonly AxisPoint[], tolerancePx: number, sign: 1 | -1): Line | undefined {
  if (points.length > MAX_POINTS) return undefined;
  let best: { count: number; spread: number; inliers: AxisPoint[] } | undefined;
  for (let i = 0; i < points.length; i++) {
    for (let j = i + 1; j < points.length; j++) {
      const [a, b] = [points[i]!, points[j]!];
      const perPx = (b.value - a.value) / (b.atPx - a.atPx);
      if (!(perPx * sign > 0)) continue;
      const awayPx = (point: AxisPoint): number => Math.abs((point.value - a.value) / perPx - (point.atPx - a.atPx));
      let [count, spread] = [0, 0];
      // As far as it may still have as many as the best.
      for (let k = 0; k < points.length && count + points.length - k >= (best?.count ?? 0); k++) {
        const away = awayPx(points[k]!);
        if (!(away <= tolerancePx)) continue;
        count++;
        spread += away;
      }
      if (best !== undefined && (count < best.count || (count === best.count && spread >= best.spread))) continue;
      best = { count, spread, inliers: points.filter((point) => awayPx(point) <= tolerancePx) };
    }
  }
  return best === undefined ? undefined : fitLine(best.inliers);
}

/** Least squares over all of two or more points. */
export function fitLine(points: readonly AxisPoint[]): Line {
  const middlePx = points.reduce((sum, point) => sum + point.atPx, 0) / points.length;
  const first = points[0]!.value;
  const middle = points.reduce((sum, point) => sum + (point.value - first), 0) / points.length;
  let both = 0;
  let square = 0;
  for (const { atPx, value } of points) {
    both += (atPx - middlePx) * (value - first - middle);
    square += (atPx - middlePx) ** 2;
  }
  const perPx = both / square;
  const atOrigin = first + middle - perPx * middlePx;
  const squares = points.reduce((sum, { atPx, value }) => sum + ((value - atOrigin) / perPx - atPx) ** 2, 0);
  return { atOrigin, perPx, inliers: [...points], residualPx: Math.sqrt(squares / points.length) };
}
