/** The labels of the chart's axes, in the reader's language. The time axis is UTC's, as the archive days are. */

const DAY_S = 86_400;

/**
 * Labels for instants an even step apart: years, months, days or hours, each with what lies above it where that begins.
 * @param seconds since 1970
 * @param stepS between two of them, about
 */
export function timeLabels(locale: string, seconds: readonly number[], stepS: number): string[] {
  const format = (options: Intl.DateTimeFormatOptions): ((s: number) => string) => {
    const formatter = formatterOf(locale, options);
    return (s) => formatter.format(s * 1000);
  };
  const year = format({ year: "numeric" });
  const month = format({ month: "short" });
  const day = format({ day: "numeric", month: "short" });
  const clock = format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  if (stepS >= 360 * DAY_S) return seconds.map(year);
  const [lower, upper] = stepS >= 27 * DAY_S ? [month, year] : stepS >= DAY_S ? [day, year] : [clock, day];
  return seconds.map((s, at) => {
    const above = upper(s);
    const isNew = at === 0 ? stepS < 27 * DAY_S || seconds.length < 3 : upper(seconds[at - 1]!) !== above;
    return isNew || (at === 0 && stepS >= 27 * DAY_S) ? `${lower(s)}\n${above}` : lower(s);
  });
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Making one takes longer than using it a hundred times. */
function formatterOf(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options);
  let formatter = formatters.get(key);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" });
    formatters.set(key, formatter);
  }
  return formatter;
}
