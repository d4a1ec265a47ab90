/**
 * A year of days, month by month, each day a link to its view. One of them is in the order of Tab; the keys of a date
 * grid move from it: arrows by days and weeks, Home and End in the week, Page keys by months, with Shift by years.
 */
import { useEffect, useMemo, useRef } from "preact/hooks";
import { useFormats } from "../language/format.ts";
import { localeOf, useLanguage, useTexts } from "../language/language.ts";
import { hrefOf } from "../place.ts";
import { addDays, addMonths, weekdayOf, weeksOf } from "./dates.ts";
import type { DayHeat, Heat } from "./heat.ts";

export interface MonthsProps {
  year: string;
  /** The chosen one. */
  day: string;
  range: { first: string; last: string };
  /** Without days that haven't been told of yet. */
  byDay: ReadonlyMap<string, DayHeat>;
  heat: Heat;
  choose: (day: string) => void;
  /** The pointer is over a day, or no longer over any. */
  point: (day: string | undefined) => void;
}

const MOVES: Record<string, (day: string, isShift: boolean) => string> = {
  ArrowLeft: (day) => addDays(day, -1),
  ArrowRight: (day) => addDays(day, 1),
  ArrowUp: (day) => addDays(day, -7),
  ArrowDown: (day) => addDays(day, 7),
  Home: (day) => addDays(day, -weekdayOf(day)),
  End: (day) => addDays(day, 6 - weekdayOf(day)),
  PageUp: (day, isShift) => addMonths(day, isShift ? -12 : -1),
  PageDown: (day, isShift) => addMonths(day, isShift ? 12 : 1),
};

export function Months({ year, day, range, byDay, heat, choose, point }: MonthsProps) {
  const container = useRef<HTMLDivElement>(null);
  const byKey = useRef(false);
  const locale = localeOf(useLanguage());
  const weekdays = useMemo(() => weekdaysIn(locale), [locale]);
  useEffect(() => {
    if (byKey.current) container.current?.querySelector<HTMLElement>(`[data-day="${day}"]`)?.focus();
    byKey.current = false;
  }, [day]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const from = (event.target as HTMLElement).dataset["day"];
    const move = MOVES[event.key];
    if (from === undefined || move === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const to = move(from, event.shiftKey);
    byKey.current = true;
    point(undefined);
    choose(to < range.first ? range.first : to > range.last ? range.last : to);
  };
  const onPointerOver = ({ target }: PointerEvent): void => point((target as HTMLElement).dataset["day"]);
  const onPointerLeave = (): void => point(undefined);
  return (
    <div class="months" ref={container} {...{ onKeyDown, onPointerOver, onPointerLeave }}>
      {monthsOf(year, range).map((month) => (
        <Month
          key={month}
          month={month}
          day={day.startsWith(month) ? day : undefined}
          {...{ range, byDay, heat, locale, weekdays }}
        />
      ))}
    </div>
  );
}

type Weekdays = readonly { long: string; narrow: string }[];

/** Monday to Sunday. */
const weekdaysIn = (locale: string): Weekdays =>
  Array.from({ length: 7 }, (_, at) => {
    const name = (weekday: "long" | "narrow"): string =>
      new Date(Date.UTC(2024, 0, 1 + at)).toLocaleDateString(locale, { weekday, timeZone: "UTC" });
    return { long: name("long"), narrow: name("narrow") };
  });

/** Those that the record reaches into. */
const monthsOf = (year: string, { first, last }: MonthsProps["range"]): string[] =>
  Array.from({ length: 12 }, (_, at) => `${year}-${String(at + 1).padStart(2, "0")}`).filter(
    (month) => month >= first.slice(0, 7) && month <= last.slice(0, 7),
  );

/** @param day the chosen one, when it lies in this month */
function Month({
  month,
  day: chosen,
  range,
  byDay,
  heat,
  locale,
  weekdays,
}: Pick<MonthsProps, "range" | "byDay" | "heat"> & {
  month: string;
  day: string | undefined;
  locale: string;
  weekdays: Weekdays;
}) {
  const { calendar: texts } = useTexts();
  const formats = useFormats();
  // Only the months that the chosen day leaves and enters are drawn anew.
  return useMemo(() => {
    const name = new Date(`${month}-01T00:00Z`).toLocaleDateString(locale, { month: "long", timeZone: "UTC" });
    const cell = (day: string | undefined) => {
      if (day === undefined) return <td />;
      const number = Number(day.slice(8));
      if (day < range.first || day > range.last) return <td class="beyond">{number}</td>;
      const known = byDay.get(day);
      const max = known?.max;
      const step = heat.stepOf(max?.value);
      const date = formats.day(day);
      const told = max === undefined ? texts.nothing : `${texts.highest} ${formats.peak(max)}`;
      return (
        <td>
          <a
            class={known === undefined ? "heat" : `heat heat-${step ?? "missing"}`}
            href={hrefOf("day", { date: day })}
            data-day={day}
            aria-label={known === undefined ? date : `${date}: ${told}`}
            aria-current={day === chosen ? "date" : undefined}
            tabIndex={day === chosen ? 0 : -1}
          >
            {number}
          </a>
        </td>
      );
    };
    return (
      <table class="month">
        <caption>{name}</caption>
        <thead>
          <tr>
            {weekdays.map(({ long, narrow }) => (
              <th key={long} scope="col" aria-label={long}>
                {narrow}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeksOf(month).map((week, at) => (
            <tr key={at}>{week.map(cell)}</tr>
          ))}
        </tbody>
      </table>
    );
  }, [month, chosen, range.first, range.last, byDay, heat, locale, weekdays, texts]);
}
