/** Calendar days as text, YYYY-MM-DD, UTC: moving among them, and the weeks of a month, which begin on Mondays. */

const DAY_MS = 86_400_000;

const textOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);

/** Is it one that exists? `Date.parse` knows a 30th of February. */
export function isDay(text: string): boolean {
  const timeMs = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(timeMs) && textOf(timeMs) === text;
}

export const addDays = (day: string, count: number): string => textOf(Date.parse(day) + count * DAY_MS);

/** The same day of another month, or that month's last one. */
export function addMonths(day: string, count: number): string {
  const [year, month, date] = day.split("-").map(Number) as [number, number, number];
  const lastDate = new Date(Date.UTC(year, month + count, 0)).getUTCDate();
  return textOf(Date.UTC(year, month - 1 + count, Math.min(date, lastDate)));
}

/** 0 is Monday. */
export const weekdayOf = (day: string): number => (new Date(day).getUTCDay() + 6) % 7;

/** Six weeks, so that all months are of one height; `undefined` for the days of other months. */
export function weeksOf(month: string): (string | undefined)[][] {
  const first = `${month}-01`;
  const start = addDays(first, -weekdayOf(first));
  return Array.from({ length: 6 }, (_, week) =>
    Array.from({ length: 7 }, (_, at) => addDays(start, 7 * week + at)).map((day) =>
      day.startsWith(month) ? day : undefined,
    ),
  );
}
