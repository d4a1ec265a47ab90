/** What the record knows of a day, in numbers. */
import { useFormats } from "../language/format.ts";
import { useTexts } from "../language/language.ts";
import { TremorStatisticsDocument } from "../operations.ts";
import { Facts } from "../parts/facts.tsx";
import { hrefOf } from "../place.ts";
import { useQuery } from "../use-query.ts";
import { addDays } from "../calendar/dates.ts";

export function Statistics({ date }: { date: string }) {
  const { day: texts, record, frame } = useTexts();
  const formats = useFormats();
  const { data } = useQuery(TremorStatisticsDocument, { startDate: date, endDate: date });
  const found = data?.tremorStatistics[0];
  const { max, median, mean, p5, p95 } = found ?? {};
  const hours = (value: number): string => formats.number(value, { maximumFractionDigits: 1 });
  return (
    <section class="day-statistics">
      <h3>{texts.statistics}</h3>
      {found === undefined ? null : max == null || median == null || mean == null || p5 == null || p95 == null ? (
        <p class="aside">{texts.noNumbers}</p>
      ) : (
        <Facts
          facts={[
            {
              label: record.highest,
              value: formats.mv(max.value),
              small: `${formats.clock(Date.parse(max.timestamp), "utc")} ${frame.utc}`,
            },
            { label: record.median, value: formats.mv(median) },
            { label: texts.mean, value: formats.mv(mean) },
            { label: record.mostly, value: `${formats.amplitude(p5)} – ${formats.mv(p95)}` },
            { label: record.above("1"), value: hours(found.hoursAbove1Mv) },
            { label: record.above("2"), value: hours(found.hoursAbove2Mv) },
            { label: record.above("5"), value: hours(found.hoursAbove5Mv) },
            {
              label: record.coverage,
              value: formats.number(found.coverage, { style: "percent", maximumFractionDigits: 1 }),
            },
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
