/** The shown stretch of time in numbers and words: what the chart shows, for whoever can't see it too. */
import { useFormats } from "../language/format.ts";
import { useTexts } from "../language/language.ts";
import { TremorSummaryDocument } from "../operations.ts";
import { useQuery } from "../use-query.ts";
import type { Span } from "./span.ts";

export function Summary({ span, episodes }: { span: Span; episodes: readonly { startMs: number; endMs: number }[] }) {
  const { record } = useTexts();
  const formats = useFormats();
  const { data } = useQuery(TremorSummaryDocument, isoOf(span));
  const found = data?.tremor.statistics;
  const inSpan = episodes.filter(({ startMs, endMs }) => startMs < span.endMs && endMs > span.startMs);
  const hours = (value: number): string => formats.number(value, { maximumFractionDigits: value < 10 ? 1 : 0 });
  const rows =
    found === undefined || found.median === null || found.p5 === null || found.p95 === null || found.max === null
      ? []
      : [
          { label: record.median, value: formats.mv(found.median) },
          {
            label: record.mostly,
            value: `${formats.amplitude(found.p5)} – ${formats.mv(found.p95)}`,
          },
          {
            label: record.highest,
            value: formats.mv(found.max.value),
            small: formats.instant(Date.parse(found.max.timestamp), "utc"),
          },
          { label: record.above("1"), value: hours(found.hoursAbove1Mv) },
          { label: record.episodes, value: formats.number(inSpan.length) },
          {
            label: record.coverage,
            value: formats.number(found.coverage, { style: "percent", maximumFractionDigits: 1 }),
          },
        ];
  return (
    <div id="record-summary">
      <p class="visually-hidden">
        {record.summary(formats.instant(span.startMs, "utc"), formats.instant(span.endMs, "utc"))}
      </p>
      {found?.count === 0 ? (
        <p class="facts nothing">{record.nothing}</p>
      ) : (
        <dl class="facts">
          {rows.map(({ label, value, small }) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>
                {value}
                {small !== undefined && <small>{small}</small>}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}

export function isoOf({ startMs, endMs }: Span): { start: string; end: string } {
  return { start: new Date(startMs).toISOString(), end: new Date(endMs).toISOString() };
}
