/**
 * Instants as text, all UTC: as RFC 3339 has them, and as the old system's clients know them.
 */

const DAY_MS = 86_400_000;
/** Days whose text is remembered; then it begins anew. */
const MOST_DAYS = 10_000;

/** Of days since 1970, with the T that follows. Answers hold many instants, of few days, and Date takes its time. */
const dayTexts = new Map<number, string>();
const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, "0"));

/** `2025-11-04T12:00:00Z`, with milliseconds only when they aren't zero. */
export function formatInstant(timeMs: number): string {
  const wholeMs = Math.trunc(timeMs);
  const day = Math.floor(wholeMs / DAY_MS);
  const ofDayMs = wholeMs - day * DAY_MS;
  const seconds = Math.floor(ofDayMs / 1000);
  const millis = ofDayMs - seconds * 1000;
  const hour = TWO_DIGITS[Math.floor(seconds / 3600)];
  const minute = TWO_DIGITS[Math.floor(seconds / 60) % 60];
  const fraction = millis === 0 ? "" : `.${String(millis).padStart(3, "0")}`;
  return `${textOf(day)}${hour}:${minute}:${TWO_DIGITS[seconds % 60]}${fraction}Z`;
}

function textOf(day: number): string {
  let text = dayTexts.get(day);
  if (text === undefined) {
    text = new Date(day * DAY_MS).toISOString().slice(0, -"00:00:00.000Z".length);
    if (dayTexts.size >= MOST_DAYS) dayTexts.clear();
    dayTexts.set(day, text);
  }
  return text;
}

/** `2025-11-04T12:00:00+00:00`, with six digits of microseconds only when they aren't zero, as Python writes it. */
export function formatModified(timeMs: number): string {
  const micros = Math.round(timeMs * 1000);
  const text = new Date(Math.floor(micros / 1000)).toISOString().slice(0, -5);
  const fraction = ((micros % 1_000_000) + 1_000_000) % 1_000_000;
  return fraction === 0 ? `${text}+00:00` : `${text}.${String(fraction).padStart(6, "0")}+00:00`;
}
