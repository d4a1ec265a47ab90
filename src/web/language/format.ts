/**
 * Numbers, instants and lengths of time as the reader's locale writes them.
 * Owns their forms alone. Instants come in ms since 1970, or as the API writes them; a Day is a UTC day.
 */
import { localeOf, useLanguage, type Language } from "./language.ts";

/** An amplitude in mV: a bound where its curve ran out of the plot. */
export interface Peak {
  value: number;
  clipped: boolean;
}

export interface Formats {
  /** An amplitude in three digits, with its unit: `0.423 mV`. */
  mv(value: number): string;
  /** As `mv`; of a bound, `≥ 10.0 mV`. */
  peak(peak: Peak): string;
  /** `mv` without the unit. */
  amplitude(value: number): string;
  number(value: number, options?: Intl.NumberFormatOptions): string;
  /** `44.1 kB`, `2.3 GB` */
  bytes(value: number): string;
  /** `4 Nov 2025, 12:30`, in the reader's zone or in UTC. */
  instant(timeMs: number, zone: "local" | "utc"): string;
  /** `12:30` */
  clock(timeMs: number, zone: "local" | "utc"): string;
  /** `4 Nov 2025` of a UTC day. */
  day(day: string): string;
  /** `5 minutes ago`, `now`, `in 12 minutes` */
  fromNow(timeMs: number, nowMs: number): string;
}

const made = new Map<Language, Formats>();

export function useFormats(): Formats {
  const language = useLanguage();
  let formats = made.get(language);
  if (formats === undefined) made.set(language, (formats = createFormats(localeOf(language))));
  return formats;
}

function createFormats(locale: string): Formats {
  const threeDigits = new Intl.NumberFormat(locale, { minimumSignificantDigits: 3, maximumSignificantDigits: 3 });
  const numbers = new Map<string, Intl.NumberFormat>();
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "always" });
  const momentary = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const zoned = (options: Intl.DateTimeFormatOptions) => {
    const local = new Intl.DateTimeFormat(locale, options);
    const utc = new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" });
    return (timeMs: number, zone: "local" | "utc"): string => (zone === "utc" ? utc : local).format(timeMs);
  };
  const clock = zoned({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const date = zoned({ day: "numeric", month: "short", year: "numeric" });
  const formats: Formats = {
    mv: (value) => `${threeDigits.format(value)} mV`,
    peak: ({ value, clipped }) => `${clipped ? "≥ " : ""}${formats.mv(value)}`,
    amplitude: (value) => threeDigits.format(value),
    number(value, options = {}) {
      // Making a formatter takes longer than using it a hundred times.
      const key = JSON.stringify(options);
      let formatter = numbers.get(key);
      if (formatter === undefined) numbers.set(key, (formatter = new Intl.NumberFormat(locale, options)));
      return formatter.format(value).replace("-", "\u2212");
    },
    bytes(value) {
      const power = Math.min(4, Math.max(1, Math.floor(Math.log10(Math.max(value, 1)) / 3)));
      const unit = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"][power]!;
      return formats.number(value / 1000 ** power, { style: "unit", unit, maximumFractionDigits: 1 });
    },
    instant: (timeMs, zone) => `${date(timeMs, zone)}, ${clock(timeMs, zone)}`,
    clock,
    day: (day) => date(Date.parse(day), "utc"),
    fromNow(timeMs, nowMs) {
      const minutes = Math.round((timeMs - nowMs) / 60_000);
      if (minutes === 0) return momentary.format(0, "second");
      if (Math.abs(minutes) < 120) return relative.format(minutes, "minute");
      if (Math.abs(minutes) < 48 * 60) return relative.format(Math.round(minutes / 60), "hour");
      return relative.format(Math.round(minutes / 1440), "day");
    },
  };
  return formats;
}
