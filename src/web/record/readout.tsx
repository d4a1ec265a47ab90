/** What stands under the cursor; without one, which stretch of time is shown, and how finely. */
import { useFormats } from "../language/format.ts";
import { useTexts } from "../language/language.ts";
import type { Texts } from "../language/en.ts";
import type { Columns } from "./columns.ts";
import type { Span } from "./span.ts";
import type { EpisodeSpan } from "./use-episodes.ts";

const CADENCE_S = 600;

export interface ReadoutProps {
  columns: Columns;
  cursor: number | undefined;
  span: Span;
  stepMs: number | undefined;
  episodes: readonly EpisodeSpan[];
}

export function Readout({ columns, cursor, span, stepMs, episodes }: ReadoutProps) {
  const { frame, record } = useTexts();
  const formats = useFormats();
  const seconds = cursor === undefined ? undefined : columns.seconds[cursor];
  if (cursor === undefined || seconds === undefined)
    return (
      <p class="readout">
        <span>
          {formats.instant(span.startMs, "utc")} – {formats.instant(span.endMs, "utc")} {frame.utc}
        </span>
        {stepMs !== undefined && <span class="aside">{record.step(stepWords(stepMs / 1000, record))}</span>}
      </p>
    );

  const stepS = columns.stepS[cursor]!;
  const startMs = (seconds - (stepS - CADENCE_S) / 2) * 1000;
  const [least, most] = [columns.minMv[cursor]!, columns.maxMv[cursor]!];
  const episode = episodes.find((one) => one.startMs <= seconds * 1000 && seconds * 1000 < one.endMs);
  return (
    <p class="readout" role="status">
      <span>
        {formats.instant(startMs, "utc")} {frame.utc}
        <span class="aside">
          {" "}
          {formats.clock(startMs, "local")} {frame.localTime}
        </span>
      </span>
      <strong>{formats.mv(columns.rmsMv[cursor]!)}</strong>
      {stepS > CADENCE_S && (
        <span class="aside">
          {record.between(formats.amplitude(least), formats.mv(most))}, {stepWords(stepS, record)}
        </span>
      )}
      {columns.clipped[cursor] === 1 && <span class="aside">{record.clipped}</span>}
      {episode !== undefined && <span class="aside">{record.inEpisode(formats.peak(episode.peak))}</span>}
    </p>
  );
}

export function stepWords(seconds: number, { minutes, hours, dayCount }: Texts["record"]): string {
  if (seconds < 3600) return minutes(seconds / 60);
  return seconds < 86_400 ? hours(seconds / 3600) : dayCount(seconds / 86_400);
}
