/**
 * Quantiles: the median and its kin.
 */

/**
 * The quantile of sorted values, linear between the two nearest: type 7 of Hyndman and Fan (Sample quantiles in
 * statistical packages, The American Statistician 50, 1996), the default of R, NumPy and pandas.
 * @param sorted ascending, at least one value
 * @param share from 0 (the least value) to 1 (the greatest)
 */
export function quantileOfSorted(sorted: ArrayLike<number>, share: number): number {
  const position = (sorted.length - 1) * share;
  const below = Math.floor(position);
  const [low, high] = [sorted[below]!, sorted[Math.min(below + 1, sorted.length - 1)]!];
  return low + (high - low) * (position - below);
}

/** The median of sorted values; of an even count the mean of the middle two. */
export function medianOfSorted(sorted: ArrayLike<number>): number {
  const middle = sorted.length >>> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Sorts the first `count` values ascending, in place. Quick where they are few, as the samples of an hour are. */
export function sortFirst(values: Float64Array, count: number): void {
  if (count > 24) {
    values.subarray(0, count).sort();
    return;
  }
  for (let next = 1; next < count; next++) {
    const value = values[next]!;
    let at = next;
    while (at > 0 && values[at - 1]! > value) {
      values[at] = values[at - 1]!;
      at -= 1;
    }
    values[at] = value;
  }
}
