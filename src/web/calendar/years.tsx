/** All years at a glance: a row of weeks for each, a column of days for each week. A click on a day chooses it. */
import { useMemo } from "preact/hooks";
import { useFormats } from "../language/format.ts";
import { useTexts } from "../language/language.ts";
import { hrefOf } from "../place.ts";
import { addDays, weekdayOf } from "./dates.ts";
import { HEAT_STEPS, type DayHeat, type DayMax, type Heat } from "./heat.ts";

export interface YearsProps {
  range: { first: string; last: string };
  /** The one that is shown above. */
  year: string;
  byDay: ReadonlyMap<string, DayHeat>;
  heat: Heat;
  /** Are the days of all years known yet? */
  isThere: boolean;
  choose: (day: string) => void;
}

/** A year touches at most so many weeks. */
const WEEKS = 54;

export function Years({ range, year: shown, byDay, heat, isThere, choose }: YearsProps) {
  const { calendar: texts } = useTexts();
  const [first, last] = [Number(range.first.slice(0, 4)), Number(range.last.slice(0, 4))];
  return (
    <div class="years" aria-busy={!isThere}>
      <h2>{texts.allYears}</h2>
      <ol>
        {Array.from({ length: last - first + 1 }, (_, at) => String(last - at)).map((year) => (
          <Year key={year} isShown={year === shown} {...{ year, range, byDay, heat, choose }} />
        ))}
      </ol>
    </div>
  );
}

function Year({
  year,
  isShown,
  range,
  byDay,
  heat,
  choose,
}: Omit<YearsProps, "isThere" | "year"> & { year: string; isShown: boolean }) {
  const { calendar: texts } = useTexts();
  const formats = useFormats();
  const drawn = useMemo(() => draw(year, range, byDay, heat), [year, range.first, range.last, byDay, heat]);
  const first = `${year}-01-01`;
  const dayAt = ({ clientX, clientY, currentTarget }: MouseEvent): string => {
    const { left, top, width, height } = (currentTarget as Element).getBoundingClientRect();
    const week = Math.floor(((clientX - left) / width) * WEEKS);
    const weekday = Math.floor(((clientY - top) / height) * 7);
    return addDays(first, 7 * week + weekday - weekdayOf(first));
  };
  const within = (day: string): boolean => day.startsWith(year) && day >= range.first && day <= range.last;
  const to = drawn.peak?.day ?? (range.last.startsWith(year) ? range.last : `${year}-12-31`);
  return (
    <li>
      <a href={hrefOf("calendar", { day: to })} aria-current={isShown ? "true" : undefined}>
        {year}
      </a>
      <svg
        viewBox={`0 0 ${WEEKS} 7`}
        preserveAspectRatio="none"
        aria-hidden="true"
        onClick={(event) => within(dayAt(event)) && choose(dayAt(event))}
      >
        {drawn.paths.map(({ name, path }) => (
          <path key={name} class={`heat-${name}`} d={path} />
        ))}
      </svg>
      <span class="aside">
        {drawn.peak === undefined ? (
          texts.nothing
        ) : (
          <>
            <span class="visually-hidden">{texts.highest} </span>
            {formats.peak(drawn.peak)}
          </>
        )}
      </span>
    </li>
  );
}

/** One path for each step of colour: some hundred elements for twenty years, in place of seven thousand. */
function draw(year: string, range: YearsProps["range"], byDay: YearsProps["byDay"], heat: Heat) {
  const cells = new Map<string, string>();
  const first = `${year}-01-01`;
  const offset = weekdayOf(first);
  let peak: (DayMax & { day: string }) | undefined;
  for (let at = 0, day = first; day.startsWith(year); day = addDays(first, ++at)) {
    if (day < range.first || day > range.last) continue;
    const max = byDay.get(day)?.max;
    if (max !== undefined && (peak === undefined || isHigher(max, peak))) peak = { ...max, day };
    const name = String(heat.stepOf(max?.value) ?? "missing");
    const [column, row] = [Math.floor((at + offset) / 7), (at + offset) % 7];
    cells.set(name, `${cells.get(name) ?? ""}M${column + 0.06} ${row + 0.06}h.88v.88h-.88z`);
  }
  const names = [...Array(HEAT_STEPS).keys(), "missing"].map(String);
  return { peak, paths: names.map((name) => ({ name, path: cells.get(name) ?? "" })) };
}

/** Of equals a clipped one stands for more than it says. */
const isHigher = (max: DayMax, other: DayMax): boolean =>
  max.value > other.value || (max.value === other.value && max.clipped && !other.clipped);
