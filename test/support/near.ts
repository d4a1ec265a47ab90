/** Equality of values that were computed in two orders: numbers may differ in their last digits. */
import assert from "node:assert/strict";

/** Sums of a thousand numbers are right to 13 digits; rounding both sides would part what lies beside a tie. */
const RELATIVE = 1e-11;

export function assertNear(actual: unknown, expected: unknown): void {
  assert.deepEqual(withNearFrom(actual, expected), expected);
}

/** `actual`, with each number that is as good as the expected one replaced by it. */
function withNearFrom(actual: unknown, expected: unknown): unknown {
  if (typeof actual === "number" && typeof expected === "number")
    return Math.abs(actual - expected) <= RELATIVE * Math.abs(expected) ? expected : actual;
  if (typeof actual !== "object" || actual === null || typeof expected !== "object" || expected === null) return actual;
  if (Array.isArray(actual)) return actual.map((item, at) => withNearFrom(item, (expected as unknown[])[at]));
  return Object.fromEntries(
    Object.entries(actual).map(([name, value]) => [
      name,
      withNearFrom(value, (expected as Record<string, unknown>)[name]),
    ]),
  );
}
