/** The shown stretch of time in numbers and words: what the chart shows, for whoever can't see it too. */
import { useFormats } from "../language/format.ts";
import { useTexts } from "../language/language.ts";
import { TremorSummaryDocument } from "../operations.ts";
import { Facts } from "../parts/facts.tsx";
import { Failed } from "../parts/states.tsx";
import { useQuery } from "../use-query.ts";
import type { Span } from "./span.ts";

export function Summary({ span, episodes }: { span: Span; episodes: readonly { startMs: number; endMs: number }[] }) {
  const { record } = useTexts();
  const formats = useFormats();
  const { data, error, askAgain } = useQuery(TremorSummaryDocument, isoOf(span));
  const found = data?.tremor.statistics;
  const inSpan = episodes.filter(({ startMs, endMs }) => startMs < span.endMs && endMs > span.startMs);
  const hours = (value: number): string => formats.number(value, { maximumFractionDigits: value < 10 ? 1 : 0 });
  const mv = (value: number | null | undefined) => (value == null ? undefined : formats.mv(value));
  return (
    <div id="record-summary" aria-busy={found === undefined && error === undefined}>
      <p class="visually-hidden">
        {record.summary(formats.instant(span.startMs, "utc"), formats.instant(span.endMs, "utc"))}
      </p>
      {error !== undefined ? (
        <Failed error={error} askAgain={askAgain} />
      ) : found?.count === 0 ? (
        <p class="facts nothing">{record.nothing}</p>
      ) : (
        <Facts
          facts={[
            { label: record.median, value: mv(found?.median) },
            {
              label: record.mostly,
              value: found?.p5 == null ? undefined : `${formats.amplitude(found.p5)} – ${mv(found.p95)}`,
            },
            {
              label: record.highest,
              value: found?.max == null ? undefined : formats.peak(found.max),
              small: found?.max == null ? "…" : formats.instant(Date.parse(found.max.timestamp), "utc"),
            },
            { label: record.above("1"), value: found && hours(found.hoursAbove1Mv) },
            { label: record.episodes, value: formats.number(inSpan.length) },
            {
              label: record.coverage,
              value: found && formats.number(found.coverage, { style: "percent", maximumFractionDigits: 1 }),
            },
          ]}
        />
      )}
    </div>
  );
}

export function isoOf({ startMs, endMs }: Span): { start: string; end: string } {
  return { start: new Date(startMs).toISOString(), end: new Date(endMs).toISOString() };
}
