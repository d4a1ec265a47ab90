/** Retry-After: when a server asks us to come back (RFC 9110, 10.2.3). */

/** An instant that any calendar has. */
const LATEST_MS = Date.UTC(9999, 11, 31);

/**
 * The instant that the header names, in ms since 1970; `undefined` where it names none.
 * @param value seconds from now, or an HTTP date
 */
export function parseRetryAfter(value: string | null, nowMs: number): number | undefined {
  const text = value?.trim() ?? "";
  if (/^\d+$/.test(text)) return Math.min(nowMs + Number(text) * 1000, LATEST_MS);
  const timeMs = text.endsWith("GMT") ? Date.parse(text) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
