/** The amplitude on a ruler: where in its level the tremor stands, and how far it went in the last day. */
import { useFormats } from "../language/format.ts";
import { useTexts } from "../language/language.ts";
import type { TremorChartQuery } from "../operations.ts";
import { createLogScale } from "./log-scale.ts";

type Columns = TremorChartQuery["tremor"]["columns"];

export function Ruler({
  valueMv,
  levels,
  day,
}: {
  valueMv: number;
  levels: { medium: number; high: number };
  day: Columns | undefined;
}) {
  const { now, level } = useTexts();
  const formats = useFormats();
  const least = Math.min(valueMv, ...(day?.min ?? []));
  const most = Math.max(valueMv, ...(day?.max ?? []));
  const scale = createLogScale([least, most, levels.medium, levels.high]);
  const at = (mv: number): string => `${(100 * scale.partOf(mv)).toFixed(2)}%`;
  const width = (fromMv: number, toMv: number): string =>
    `${(100 * (scale.partOf(toMv) - scale.partOf(fromMv))).toFixed(2)}%`;
  const bands = [
    { name: "LOW", fromMv: scale.minMv, toMv: levels.medium },
    { name: "MEDIUM", fromMv: levels.medium, toMv: levels.high },
    { name: "HIGH", fromMv: levels.high, toMv: scale.maxMv },
  ] as const;
  return (
    <figure class="ruler" role="img" aria-label={now.ruler(formats.mv(valueMv), formats.mv(least), formats.mv(most))}>
      <div class="ruler-scale">
        <i class="ruler-day" style={{ left: at(least), width: width(least, most) }} />
        <i class="ruler-hand" style={{ left: at(valueMv) }} />
        {bands.map(({ name, fromMv, toMv }) => (
          <i
            key={name}
            class={`ruler-band level-${name.toLowerCase()}`}
            style={{ left: at(fromMv), width: width(fromMv, toMv) }}
          >
            <span>{level[name]}</span>
          </i>
        ))}
        {scale.ticks.map((mv) => (
          <i key={mv} class="ruler-tick" style={{ left: at(mv) }}>
            <span>{formats.number(mv, { maximumSignificantDigits: 3 })}</span>
          </i>
        ))}
      </div>
    </figure>
  );
}
