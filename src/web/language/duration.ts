/** Lengths of time as the API writes them (ISO 8601, weeks to minutes), in words. */
const ISO = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/;

/** @returns milliseconds; NaN for what isn't such a text */
export function parseDuration(iso: string): number {
  const parts = ISO.exec(iso)?.slice(1);
  if (parts === undefined) return Number.NaN;
  const [weeks = 0, days = 0, hours = 0, minutes = 0] = parts.map((part) => Number(part ?? 0));
  return (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60_000;
}

/** `5 h 40 min`, `2 d 3 h`: the two greatest units, as their signs in `locale` are. */
export function durationWords(iso: string, locale: string): string {
  const minutes = Math.round(parseDuration(iso) / 60_000);
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  const of = (count: number, unit: string): string =>
    count.toLocaleString(locale, { style: "unit", unit, unitDisplay: "short" });
  const parts =
    days > 0
      ? [of(days, "day"), hours > 0 && of(hours, "hour")]
      : [hours > 0 && of(hours, "hour"), (rest > 0 || hours === 0) && of(rest, "minute")];
  return parts.filter(Boolean).join(" ");
}
