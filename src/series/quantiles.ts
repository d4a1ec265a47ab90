/**
 * Quantiles: the median and its kin, found without sorting all values.
 */

/**
 * The quantile of values, linear between the two nearest: type 7 of Hyndman and Fan (Sample quantiles in
 * statistical packages, The American Statistician 50, 1996), the default of R, NumPy and pandas. Reorders the values.
 * @param values at least `count`, which is at least one; those from `count` on are left alone
 * @param share from 0 (the least value) to 1 (the greatest)
 */
export function takeQuantile(values: Float64Array, count: number, share: number): number {
  const position = (count - 1) * share;
  const below = Math.floor(position);
  const low = select(values, count, below);
  if (below === position) return low;
  let high = Infinity;
  for (let index = below + 1; index < count; index++) if (values[index]! < high) high = values[index]!;
  return low + (high - low) * (position - below);
}

/** The median; of an even count the mean of the middle two. As `takeQuantile`. */
export function takeMedian(values: Float64Array, count: number): number {
  return takeQuantile(values, count, 0.5);
}

/**
 * The value that would stand at `wanted` if all were sorted; afterwards none before it is greater, and none after it less.
 * Hoare's selection (Algorithm 65: FIND, Communications of the ACM 4, 1961) with the middle value as pivot, so that
 * values already in order, as those of a plot often nearly are, take no longer.
 */
function select(values: Float64Array, count: number, wanted: number): number {
  let left = 0;
  let right = count - 1;
  while (left < right) {
    const pivot = values[(left + right) >>> 1]!;
    let up = left;
    let down = right;
    while (up <= down) {
      while (values[up]! < pivot) up++;
      while (values[down]! > pivot) down--;
      if (up > down) break;
      const value = values[up]!;
      values[up++] = values[down]!;
      values[down--] = value;
    }
    if (wanted <= down) right = down;
    else if (wanted >= up) left = up;
    else break;
  }
  return values[wanted]!;
}
