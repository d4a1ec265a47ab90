/**
 * Instants as text, all UTC: as RFC 3339 has them, and as the old system's clients know them.
 */

/** `2025-11-04T12:00:00Z`, with milliseconds only when they aren't zero. */
export function formatInstant(timeMs: number): string {
  const text = new Date(timeMs).toISOString();
  return Math.trunc(timeMs) % 1000 === 0 ? `${text.slice(0, -5)}Z` : text;
}

/** `2025-11-04T12:00:00+00:00`, with six digits of microseconds only when they aren't zero, as Python writes it. */
export function formatModified(timeMs: number): string {
  const micros = Math.round(timeMs * 1000);
  const text = new Date(Math.floor(micros / 1000)).toISOString().slice(0, -5);
  const fraction = ((micros % 1_000_000) + 1_000_000) % 1_000_000;
  return fraction === 0 ? `${text}+00:00` : `${text}.${String(fraction).padStart(6, "0")}+00:00`;
}
