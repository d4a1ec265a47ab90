/**
 * Moving over a picture by wheel, mouse and fingers: the wheel zooms around the pointer, a drag moves, two fingers zoom.
 * Where there is nothing to zoom or to move, the page scrolls as it always does.
 */
import { moveBy, zoomBy, type Zoom } from "./zoom.ts";

export interface Moved {
  zoom(): Zoom;
  move(zoom: Zoom): void;
}

/** A notch of a wheel is about 100: a fifth larger or smaller. */
const ZOOM_PER_PIXEL = 0.002;
const LINE_PX = 16;
/** Fingers that meet would zoom without end. */
const LEAST_APART_PX = 20;

interface Point {
  x: number;
  y: number;
}

export function listenToGestures(frame: HTMLElement, { zoom, move }: Moved): () => void {
  const leaving = new AbortController();
  const { signal } = leaving;
  const pointers = new Map<number, Point>();
  const shareAt = ({ x, y }: Point): Point => {
    const { left, top, width, height } = frame.getBoundingClientRect();
    return { x: (x - left) / width, y: (y - top) / height };
  };

  frame.addEventListener(
    "wheel",
    (event) => {
      const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1);
      if (pixels > 0 && zoom().times === 1) return;
      event.preventDefault();
      const at = shareAt({ x: event.clientX, y: event.clientY });
      move(zoomBy(zoom(), Math.exp(-pixels * ZOOM_PER_PIXEL), at));
    },
    { passive: false, signal },
  );

  frame.addEventListener(
    "pointerdown",
    (event) => {
      if (event.button !== 0) return;
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      frame.setPointerCapture(event.pointerId);
    },
    { signal },
  );

  frame.addEventListener(
    "pointermove",
    ({ pointerId, clientX, clientY }) => {
      const before = pointers.get(pointerId);
      if (before === undefined) return;
      const now = { x: clientX, y: clientY };
      const other = [...pointers].find(([id]) => id !== pointerId)?.[1];
      pointers.set(pointerId, now);
      const { clientWidth, clientHeight } = frame;
      if (other === undefined)
        return move(moveBy(zoom(), { x: (before.x - now.x) / clientWidth, y: (before.y - now.y) / clientHeight }));
      const apart = (point: Point): number =>
        Math.max(LEAST_APART_PX, Math.hypot(point.x - other.x, point.y - other.y));
      // What lies under the other finger stays there.
      move(zoomBy(zoom(), apart(now) / apart(before), shareAt(other)));
    },
    { signal },
  );

  for (const ended of ["pointerup", "pointercancel"] as const)
    frame.addEventListener(ended, ({ pointerId }) => pointers.delete(pointerId), { signal });

  return () => leaving.abort();
}
