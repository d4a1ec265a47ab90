/** The chosen day in numbers and words. */
import { useFormats } from "../language/format.ts";
import { useTexts } from "../language/language.ts";
import type { TremorLevel } from "../operations.ts";
import { LevelIcon } from "../parts/icons.tsx";
import { hrefOf } from "../place.ts";
import type { DayHeat } from "./heat.ts";

export interface DayReadoutProps {
  day: string;
  /** `undefined` until the day has been told of. */
  known: DayHeat | undefined;
  levels: { medium: number; high: number } | undefined;
}

export function DayReadout({ day, known, levels }: DayReadoutProps) {
  const { calendar: texts, level: names, frame, record } = useTexts();
  const formats = useFormats();
  const { max, coverage = 0 } = known ?? {};
  const level = max === undefined || levels === undefined ? undefined : levelOf(max.value, levels);
  return (
    <p class="readout day-readout">
      <a href={hrefOf("day", { date: day })}>{formats.day(day)}</a>
      {max === undefined ? (
        known !== undefined && <span class="aside">{texts.nothing}</span>
      ) : (
        <>
          <strong>
            {texts.highest} {formats.peak(max)}
          </strong>
          <span>
            {formats.clock(Date.parse(max.timestamp), "utc")} {frame.utc}
          </span>
          {level !== undefined && (
            <span class={`level-${level.toLowerCase()}`}>
              <LevelIcon level={level} /> {names[level]}
            </span>
          )}
          <span class="aside">
            {record.coverage} {formats.number(coverage, { style: "percent", maximumFractionDigits: 0 })}
          </span>
        </>
      )}
    </p>
  );
}

function levelOf(mv: number, { medium, high }: { medium: number; high: number }): TremorLevel {
  if (mv >= high) return "HIGH";
  return mv >= medium ? "MEDIUM" : "LOW";
}
