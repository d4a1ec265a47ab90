/**
 * Byte ranges (RFC 9110, 14): which bytes of a body a request asks for.
 */

/** First and last byte, both included. */
export interface ByteRange {
  first: number;
  last: number;
}

const ONE_RANGE = /^bytes=[ \t]*(?<first>\d*)-(?<last>\d*)[ \t]*$/i;

/**
 * @param header the Range header
 * @param size of the whole body, in bytes
 * @returns `undefined` where the header is to be ignored: malformed, of another unit, or of several ranges,
 *   for which the whole body is a fair answer too
 */
export function parseRange(header: string, size: number): ByteRange | "unsatisfiable" | undefined {
  const found = ONE_RANGE.exec(header)?.groups;
  if (found === undefined) return undefined;
  const { first = "", last = "" } = found;
  if (first === "") {
    if (last === "") return undefined;
    const count = Number(last);
    return count === 0 || size === 0 ? "unsatisfiable" : { first: Math.max(0, size - count), last: size - 1 };
  }
  // As digits, since numbers past 2^53 would lose the ones that differ.
  if (last !== "" && isLess(last, first)) return undefined;
  if (Number(first) >= size) return "unsatisfiable";
  return { first: Number(first), last: last === "" ? size - 1 : Math.min(Number(last), size - 1) };
}

function isLess(a: string, b: string): boolean {
  return BigInt(a) < BigInt(b);
}
