/** Day: an archived picture and what is known of it, alone or beside another one. */
import { useEffect, useRef, useState } from "preact/hooks";
import { isDay } from "../calendar/dates.ts";
import { DayInput } from "../day/day-input.tsx";
import { Sheet } from "../day/sheet.tsx";
import { parseZoom, zoomText, type Zoom } from "../day/zoom.ts";
import { useTexts } from "../language/language.ts";
import { StatusDocument } from "../operations.ts";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { goTo, hrefOf, replacePlace } from "../place.ts";
import { useQuery } from "../use-query.ts";
import type { ViewProps } from "../view.ts";

/** The reader stands still for so long before the address follows. */
const SETTLED_MS = 300;

/** @param state `date`, `with` another one, `curve=off`, and `zoom`, which both pictures share */
export function DayView({ state }: ViewProps) {
  const { day: texts, now } = useTexts();
  const { data, error, askAgain } = useQuery(StatusDocument, {});
  const [zoom, setZoom] = useState<Zoom>(() => parseZoom(state["zoom"]));
  useEffect(() => {
    if (state["zoom"] !== zoomText(zoom)) setZoom(parseZoom(state["zoom"]));
  }, [state["zoom"]]);
  // With the zoom as it is now, which the address may not have yet.
  const here = { ...state, zoom: zoomText(zoom) };
  const latest = useRef(here);
  latest.current = here;
  useEffect(() => {
    const timer = setTimeout(() => {
      if (zoomText(zoom) !== state["zoom"]) replacePlace("day", latest.current);
    }, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [zoom]);

  const store = data?.status.store;
  const date = dayIn(state["date"]) ?? store?.newest ?? undefined;
  if (date === undefined) {
    if (data === undefined) return error === undefined ? <Loading rem={48} /> : <Failed {...{ error, askAgain }} />;
    return (
      <Empty title={now.emptyTitle}>
        <p>{now.empty}</p>
      </Empty>
    );
  }
  const beside = dayIn(state["with"]);
  const hasCurve = state["curve"] !== "off";
  const go = (change: Record<string, string | undefined>): void => goTo("day", { ...here, date, ...change });
  const limits = { min: store?.oldest ?? undefined, max: store?.newest ?? undefined };
  const sheet = { hasCurve, zoom, onZoom: setZoom };
  return (
    <section class="day">
      <div class="day-bar">
        <h1 class="visually-hidden">{texts.title}</h1>
        <DayInput label={texts.pick} day={date} {...limits} onDay={(day) => go({ date: day })} />
        <DayInput label={texts.beside} day={beside ?? ""} {...limits} onDay={(day) => go({ with: day })} />
        {beside !== undefined && (
          <button type="button" onClick={() => go({ with: undefined })}>
            {texts.besideNone}
          </button>
        )}
        <label class="switch">
          <input
            type="checkbox"
            checked={hasCurve}
            onChange={({ currentTarget }) =>
              replacePlace("day", { ...here, curve: currentTarget.checked ? undefined : "off" })
            }
          />
          <i class="curve-sign" aria-hidden="true" />
          {texts.curve}
        </label>
      </div>
      <div class={beside === undefined ? "sheets" : "sheets two"}>
        <Sheet key={date} date={date} hrefTo={(to) => hrefOf("day", { ...here, date: to })} {...sheet} />
        {beside !== undefined && (
          <Sheet
            key={`with ${beside}`}
            date={beside}
            hrefTo={(to) => hrefOf("day", { ...here, date, with: to })}
            {...sheet}
          />
        )}
      </div>
    </section>
  );
}

const dayIn = (text: string | undefined): string | undefined => (text !== undefined && isDay(text) ? text : undefined);
