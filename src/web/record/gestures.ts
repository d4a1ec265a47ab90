/**
 * Moving through time by wheel and fingers: the wheel zooms around the pointer, sideways it pans; one finger pans, two
 * zoom. A mouse that drags selects, which uPlot does; with Shift it pans.
 * Owns the gestures alone: where they may lead, `fitSpan` says.
 */
import { panSpan, zoomSpan, type Span } from "./span.ts";

export interface Moved {
  span(): Span;
  /** Of the area, CSS pixels; the browser would lay out anew to tell. */
  widthPx(): number;
  move(span: Span): void;
}

/** A notch of a wheel is about 100: a fifth more or less of the time shown. */
const ZOOM_PER_PIXEL = 0.002;
const LINE_PX = 16;

export function listenToGestures(area: HTMLElement, { span, widthPx, move }: Moved): () => void {
  const leaving = new AbortController();
  const { signal } = leaving;
  const fingers = new Map<number, number>();
  const instantAt = (clientX: number): number => {
    const { startMs, endMs } = span();
    return startMs + ((clientX - area.getBoundingClientRect().left) / widthPx()) * (endMs - startMs);
  };

  area.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1;
      const [x, y] = event.shiftKey ? [event.deltaY || event.deltaX, 0] : [event.deltaX, event.deltaY];
      if (Math.abs(x) > Math.abs(y)) move(panSpan(span(), (x * unit) / widthPx()));
      else move(zoomSpan(span(), Math.exp(y * unit * ZOOM_PER_PIXEL), instantAt(event.clientX)));
    },
    { passive: false, signal },
  );

  area.addEventListener(
    "pointerdown",
    (event) => {
      const pans = event.pointerType === "touch" || (event.shiftKey && event.button === 0);
      if (!pans) return;
      fingers.set(event.pointerId, event.clientX);
      area.setPointerCapture(event.pointerId);
    },
    { signal },
  );

  area.addEventListener(
    "pointermove",
    ({ pointerId, clientX }) => {
      const beforeX = fingers.get(pointerId);
      if (beforeX === undefined) return;
      const other = [...fingers].find(([id]) => id !== pointerId)?.[1];
      fingers.set(pointerId, clientX);
      if (other === undefined) return move(panSpan(span(), (beforeX - clientX) / widthPx()));
      const [was, is] = [Math.abs(beforeX - other), Math.abs(clientX - other)];
      // The other finger stays on its instant. Fingers that meet would ask for all time.
      move(zoomSpan(span(), Math.max(was, 20) / Math.max(is, 20), instantAt(other)));
    },
    { signal },
  );

  for (const ended of ["pointerup", "pointercancel"] as const)
    area.addEventListener(ended, ({ pointerId }) => fingers.delete(pointerId), { signal });

  return () => leaving.abort();
}
