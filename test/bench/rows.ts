/** The rows of a measured table. */

/** A quantile, as the nearest of the values. */
export function at(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.round(share * (sorted.length - 1))] ?? NaN;
}

export function row(name: string, value: string): void {
  console.log(`${name.padEnd(58)} ${value}`);
}
