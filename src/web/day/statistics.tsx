/** What the record knows of a day, in numbers. */
import { useFormats } from "../language/format.ts";
import { useTexts } from "../language/language.ts";
import { TremorStatisticsDocument } from "../operations.ts";
import { Facts } from "../parts/facts.tsx";
import { Failed } from "../parts/states.tsx";
import { hrefOf } from "../place.ts";
import { useQuery } from "../use-query.ts";
import { addDays } from "../calendar/dates.ts";

export function Statistics({ date }: { date: string }) {
  const { day: texts, record, frame } = useTexts();
  const formats = useFormats();
  const { data, error, askAgain } = useQuery(TremorStatisticsDocument, { startDate: date, endDate: date });
  const found = data?.tremorStatistics[0];
  const { max, median, mean, p5, p95, hoursAbove1Mv, hoursAbove2Mv, hoursAbove5Mv, coverage } = found ?? {};
  const mv = (value: number | null | undefined) => (value == null ? undefined : formats.mv(value));
  const number = (value: number | undefined, options: Intl.NumberFormatOptions) =>
    value === undefined ? undefined : formats.number(value, { maximumFractionDigits: 1, ...options });
  return (
    <section class="day-statistics">
      <h3>{texts.statistics}</h3>
      {error !== undefined ? (
        <Failed error={error} askAgain={askAgain} />
      ) : found?.count === 0 ? (
        <p class="aside">{texts.noNumbers}</p>
      ) : (
        <Facts
          facts={[
            {
              label: record.highest,
              value: max == null ? undefined : formats.peak(max),
              small: max == null ? "…" : `${formats.clock(Date.parse(max.timestamp), "utc")} ${frame.utc}`,
            },
            { label: record.median, value: mv(median) },
            { label: texts.mean, value: mv(mean) },
            { label: record.mostly, value: p5 == null ? undefined : `${formats.amplitude(p5)} – ${mv(p95)}` },
            { label: record.above("1"), value: number(hoursAbove1Mv, {}) },
            { label: record.above("2"), value: number(hoursAbove2Mv, {}) },
            { label: record.above("5"), value: number(hoursAbove5Mv, {}) },
            { label: record.coverage, value: number(coverage, { style: "percent" }) },
          ]}
        />
      )}
      <p class="links">
        <a href={hrefOf("record", { from: `${date}T00:00Z`, to: `${addDays(date, 1)}T00:00Z` })}>{texts.toRecord}</a>
        <a href={hrefOf("calendar", { day: date })}>{texts.toCalendar}</a>
      </p>
    </section>
  );
}
