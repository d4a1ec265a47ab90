/** Calendar: the greatest amplitude of each day, a year of months at a time, and all years at a glance. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Legend } from "../calendar/legend.tsx";
import { Months } from "../calendar/months.tsx";
import { DayReadout } from "../calendar/day-readout.tsx";
import { isDay } from "../calendar/dates.ts";
import { createHeat, type DayHeat } from "../calendar/heat.ts";
import { Years } from "../calendar/years.tsx";
import { useTexts } from "../language/language.ts";
import { CalendarDocument, StatusDocument, type CalendarQuery } from "../operations.ts";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { hrefOf, replacePlace } from "../place.ts";
import { useQuery } from "../use-query.ts";
import type { ViewProps } from "../view.ts";

const SETTLED_MS = 300;

/** @param state `day`: the one that stands out, and so which year is shown */
export function Calendar({ state }: ViewProps) {
  const { calendar: texts, now } = useTexts();
  const status = useQuery(StatusDocument, {});
  const record = status.data?.status.record;
  const range = record?.firstDate != null ? { first: record.firstDate, last: record.lastDate! } : undefined;
  const [chosen, setChosen] = useState<string>();
  const [pointed, setPointed] = useState<string>();
  const day = clamp(chosen ?? state["day"] ?? "", range);
  const year = day?.slice(0, 4);

  // A year is there at once; all of them, for the overview, some moments later.
  const ofYear = useQuery(
    CalendarDocument,
    year === undefined ? undefined : { startDate: `${year}-01-01`, endDate: `${year}-12-31` },
  );
  const years = range && Number(range.last.slice(0, 4)) - Number(range.first.slice(0, 4)) + 1;
  const all = useQuery(
    CalendarDocument,
    ofYear.data && years! > 1 ? { startDate: range!.first, endDate: range!.last } : undefined,
  );
  const byDay = useMemo(() => toDays(all.data, ofYear.data), [all.data, ofYear.data]);
  const heat = useMemo(() => createHeat(byDay.values()), [byDay]);
  const levels = status.data?.status.levels;

  // Not when the address follows the reader, who may be a key further by then, but when the reader follows an address.
  const written = useRef(state["day"]);
  useEffect(() => {
    if (state["day"] !== written.current) setChosen(undefined);
    written.current = state["day"];
  }, [state["day"]]);
  useEffect(() => {
    if (chosen === undefined || chosen === state["day"]) return;
    // Browsers allow only so many changes of the address in a while, and a key that is held makes many.
    const timer = setTimeout(() => {
      written.current = chosen;
      replacePlace("calendar", { day: chosen });
    }, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [chosen]);

  const error = status.error ?? ofYear.error;
  if (status.data !== undefined && range === undefined)
    return (
      <Empty title={now.emptyTitle}>
        <p>{now.empty}</p>
      </Empty>
    );
  if (day === undefined || year === undefined || ofYear.data === undefined) {
    if (error === undefined) return <Loading rem={48} />;
    return <Failed error={error} askAgain={() => (status.askAgain(), ofYear.askAgain())} />;
  }

  const neighbour = (by: number): string | undefined => {
    const other = String(Number(year) + by);
    return other < range!.first.slice(0, 4) || other > range!.last.slice(0, 4)
      ? undefined
      : clamp(`${other}${day.slice(4)}`, range);
  };
  return (
    <section class="calendar">
      <div class="view-head">
        <h1>{texts.heading}</h1>
        <div class="year-steps">
          <YearStep to={neighbour(-1)} label={texts.earlierYear} sign="‹" />
          <strong>{year}</strong>
          <YearStep to={neighbour(1)} label={texts.laterYear} sign="›" />
        </div>
        <Legend heat={heat} />
      </div>
      <DayReadout day={pointed ?? day} known={byDay.get(pointed ?? day)} levels={levels} />
      {ofYear.error !== undefined && <Failed error={ofYear.error} askAgain={ofYear.askAgain} />}
      <Months {...{ year, day, byDay, heat }} range={range!} choose={setChosen} point={setPointed} />
      <p class="help">{texts.help}</p>
      {all.data === undefined && all.error !== undefined && <Failed error={all.error} askAgain={all.askAgain} />}
      {years! > 1 && (
        <Years
          range={range!}
          year={year}
          byDay={byDay}
          heat={heat}
          isThere={all.data !== undefined}
          choose={setChosen}
        />
      )}
    </section>
  );
}

function YearStep({ to, label, sign }: { to: string | undefined; label: string; sign: string }) {
  if (to === undefined)
    return (
      <span class="step aside" aria-hidden="true">
        {sign}
      </span>
    );
  return (
    <a class="step" href={hrefOf("calendar", { day: to })} aria-label={label} title={label}>
      {sign}
    </a>
  );
}

/** The day, or the end of the record that is nearest to it; the last one where it isn't a day at all. */
function clamp(day: string, range: { first: string; last: string } | undefined): string | undefined {
  if (range === undefined) return undefined;
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || day > range.last) return range.last;
  if (day < range.first) return range.first;
  return isDay(day) ? day : `${day.slice(0, 8)}28`; // the 29th of a February that has none
}

function toDays(...answers: (CalendarQuery | undefined)[]): Map<string, DayHeat> {
  const days = new Map<string, DayHeat>();
  for (const answer of answers)
    for (const { start, max, coverage } of answer?.tremorStatistics ?? [])
      days.set(start.slice(0, 10), { max: max ?? undefined, coverage });
  return days;
}
