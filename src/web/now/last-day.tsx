/** The last 24 hours as a small chart that leads to the large one. */
import { useFormats } from "../language/format.ts";
import { useTexts } from "../language/language.ts";
import { TremorChartDocument, type TremorChartQuery } from "../operations.ts";
import { Failed } from "../parts/states.tsx";
import { hrefOf } from "../place.ts";
import { useQuery, type Answer } from "../use-query.ts";
import { createLogScale } from "./log-scale.ts";

type Columns = TremorChartQuery["tremor"]["columns"];
type LastDayAnswer = Answer<TremorChartQuery>;

/** From where on the tremor is called so, mV. */
interface Levels {
  medium: number;
  high: number;
}

const DAY_S = 86_400;
const STEP_S = 600;
/** Of the drawing, which is stretched to the room there is. */
const WIDTH = 1440;
const HEIGHT = 100;

/** @param range `undefined` until it is known */
export function useLastDay(range: { startMs: number; endMs: number } | undefined): LastDayAnswer {
  const variables = range && {
    start: new Date(range.startMs).toISOString(),
    end: new Date(range.endMs).toISOString(),
    step: "PT10M",
  };
  return useQuery(TremorChartDocument, variables);
}

export function LastDay({
  answer: { data, error, askAgain },
  endMs,
  isStale,
  levels,
}: {
  answer: LastDayAnswer;
  endMs: number;
  isStale: boolean;
  levels: Levels;
}) {
  const { now } = useTexts();
  const formats = useFormats();
  return (
    <figure class="last-day">
      <figcaption>
        <h2>
          {isStale ? now.dayUpTo(formats.instant(endMs, "local")) : now.lastDay}
          <span class="aside">, mV</span>
        </h2>
        <a href={hrefOf("record", { span: "24h" })}>{now.toRecord}</a>
      </figcaption>
      {data === undefined && error !== undefined ? (
        <Failed error={error} askAgain={askAgain} />
      ) : (
        <Chart columns={data?.tremor.columns} endMs={endMs} levels={levels} />
      )}
    </figure>
  );
}

function Chart({ columns, endMs, levels }: { columns: Columns | undefined; endMs: number; levels: Levels }) {
  const formats = useFormats();
  const { medium, high } = levels;
  const scale = createLogScale([medium, high, ...(columns?.min ?? []), ...(columns?.max ?? [])]);
  const row = (mv: number): number => HEIGHT * (1 - scale.partOf(mv));
  const startS = endMs / 1000 - DAY_S;
  const column = (epochSeconds: number): number => (WIDTH * (epochSeconds - startS)) / DAY_S;
  const hours = everySixHours(startS * 1000, endMs);
  return (
    <div class="last-day-chart" aria-hidden="true">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none">
        {hours.map((timeMs) => (
          <path key={timeMs} class="hour" d={`M${column(timeMs / 1000)} 0V${HEIGHT}`} />
        ))}
        <path class="limit level-medium" d={`M0 ${row(medium)}H${WIDTH}`} />
        <path class="limit level-high" d={`M0 ${row(high)}H${WIDTH}`} />
        {columns !== undefined && <path class="trace" d={pathOf(columns, column, row)} />}
      </svg>
      {[...new Set([scale.minMv, medium, high, scale.maxMv])].map((mv) => (
        <span key={mv} class="mv" style={{ top: `${row(mv)}%` }}>
          {formats.number(mv, { maximumSignificantDigits: 3 })}
        </span>
      ))}
      {hours.map((timeMs) => (
        <span
          key={timeMs}
          class="clock"
          style={{ left: `min(${(100 * column(timeMs / 1000)) / WIDTH}%, 100% - 2.5ch)` }}
        >
          {formats.clock(timeMs, "local")}
        </span>
      ))}
    </div>
  );
}

/** Lifts the pen wherever samples are missing. */
function pathOf({ epochSeconds, values }: Columns, column: (s: number) => number, row: (mv: number) => number): string {
  return values
    .map((mv, at) => {
      const follows = at > 0 && epochSeconds[at]! - epochSeconds[at - 1]! <= STEP_S;
      return `${follows ? "L" : "M"}${column(epochSeconds[at]!).toFixed(1)} ${row(mv).toFixed(2)}`;
    })
    .join("");
}

/** 00:00, 06:00, 12:00 and 18:00 by the reader's clock, which may jump once a day. */
function everySixHours(startMs: number, endMs: number): number[] {
  const found: number[] = [];
  const hour = new Date(startMs);
  hour.setMinutes(0, 0, 0);
  for (let timeMs = hour.getTime(); timeMs < endMs; timeMs += 3_600_000)
    if (timeMs > startMs && new Date(timeMs).getHours() % 6 === 0) found.push(timeMs);
  return found;
}
