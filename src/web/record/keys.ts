/**
 * The chart by keyboard: arrows read point by point, with Shift they move through time; + and - zoom; Home and End go to
 * the ends of the record, 0 shows all of it, Escape puts the cursor away.
 */
import type uPlot from "uplot";
import { indicesOf, type Columns } from "./columns.ts";
import { fitSpan, lengthOf, panSpan, zoomSpan, type Preset, type Span } from "./span.ts";

export interface KeyParts {
  span: Span;
  record: Span;
  columns: Columns;
  cursor: number | undefined;
  chart: () => uPlot | undefined;
  move: (shown: Preset | Span) => void;
}

const PAN = 0.25;
const ZOOM = 1.6;
const AWAY = { left: -10, top: -10 };

export function createKeys({ span, record, columns, cursor, chart, move }: KeyParts) {
  const go = (to: Span): void => move(fitSpan(to, record));
  const around = cursor === undefined ? undefined : columns.seconds[cursor]! * 1000;

  function step(by: number): void {
    const made = chart();
    const [from, to] = indicesOf(columns, span);
    if (made === undefined || from >= to) return;
    const start = by > 0 ? from - 1 : to;
    const next = Math.min(columns.seconds.length - 1, Math.max(0, (cursor ?? start) + by));
    const seconds = columns.seconds[next]!;
    if (next < from || next >= to) {
      const to = panSpan(span, by > 0 ? PAN : -PAN);
      go(to);
      made.setScale("x", { min: to.startMs / 1000, max: to.endMs / 1000 });
    }
    made.setCursor({ left: made.valToPos(seconds, "x"), top: 0 });
  }

  return (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return; // the browser's own
    const lengthMs = lengthOf(span);
    const act = {
      ArrowLeft: () => (event.shiftKey ? go(panSpan(span, -PAN)) : step(-1)),
      ArrowRight: () => (event.shiftKey ? go(panSpan(span, PAN)) : step(1)),
      "+": () => go(zoomSpan(span, 1 / ZOOM, around)),
      "=": () => go(zoomSpan(span, 1 / ZOOM, around)),
      "-": () => go(zoomSpan(span, ZOOM, around)),
      Home: () => go({ startMs: record.startMs, endMs: record.startMs + lengthMs }),
      End: () => go({ startMs: record.endMs - lengthMs, endMs: record.endMs }),
      "0": () => move("all"),
      Escape: () => chart()?.setCursor(AWAY),
    }[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
}
