/** Retry-After: when a server asks us to come back (RFC 9110, 10.2.3). */

/**
 * The instant that the header names, in ms since 1970; `undefined` where it names none.
 * @param value seconds from now, or an HTTP date
 */
export function parseRetryAfter(value: string | null, nowMs: number): number | undefined {
  const text = value?.trim() ?? "";
  if (/^\d{1,10}$/.test(text)) return nowMs + Number(text) * 1000;
  const timeMs = text.endsWith("GMT") ? Date.parse(text) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
