/** An archived picture in a frame of its own shape, to zoom into, with the curve that was read in it laid over. */
import { useEffect, useRef, useState } from "preact/hooks";
import { useTexts } from "../language/language.ts";
import { listenToGestures } from "./gestures.ts";
import type { Image } from "./use-image.ts";
import { moveBy, WHOLE, zoomBy, type Zoom } from "./zoom.ts";

export interface PictureProps {
  image: Image;
  /** In pixels. */
  width: number;
  height: number;
  label: string;
  /** In the picture's pixels. */
  curve: string;
  zoom: Zoom;
  onZoom: (zoom: Zoom) => void;
}

/** Each pixel can be told from its neighbours. */
const PIXELS_FROM = 3;
/** Of the overlaid curve on the screen, however large the picture is. */
const CURVE_PX = 1.5;
const STEP = 1.5;
const STRIDE = 0.2;

export function Picture({
  image: { url, failed: isMissing },
  width,
  height,
  label,
  curve,
  zoom,
  onZoom,
}: PictureProps) {
  const { day: texts } = useTexts();
  const frame = useRef<HTMLDivElement>(null);
  const latest = useRef({ zoom, onZoom });
  latest.current = { zoom, onZoom };
  const [failed, setFailed] = useState<string>();
  const isBroken = isMissing || (url !== undefined && failed === url);
  useEffect(() => {
    const move = (next: Zoom): void => {
      latest.current.zoom = next; // the next gesture may come before the next drawing
      latest.current.onZoom(next);
    };
    return listenToGestures(frame.current!, { zoom: () => latest.current.zoom, move });
  }, []);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const next = keyed(event.key, zoom);
    if (next === undefined) return;
    event.preventDefault();
    onZoom(next);
  };
  const { times, x, y } = zoom;
  const transform = `translate(${100 * (0.5 - x * times)}%, ${100 * (0.5 - y * times)}%) scale(${times})`;
  return (
    <div class="picture">
      <div
        ref={frame}
        class={`picture-frame${times > 1 ? " zoomed" : ""}`}
        role="group"
        tabIndex={0}
        aria-label={`${label}. ${texts.pictureHelp}`}
        style={{ aspectRatio: `${width} / ${height}` }}
        onKeyDown={onKeyDown}
      >
        <div class={`picture-layer${times >= PIXELS_FROM ? " pixels" : ""}`} style={{ transform }}>
          {url !== undefined && !isBroken && (
            <img src={url} alt={label} draggable={false} onError={() => setFailed(url)} {...{ width, height }} />
          )}
          <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
            <path d={curve} style={{ strokeWidth: `${CURVE_PX / times}px` }} />
          </svg>
        </div>
        {isBroken && <p role="alert">{texts.notLoaded}</p>}
      </div>
      <div class="joined picture-buttons">
        <button
          type="button"
          aria-label={texts.zoomOut}
          title={texts.zoomOut}
          onClick={() => onZoom(zoomBy(zoom, 1 / STEP))}
        >
          −
        </button>
        <button type="button" aria-label={texts.zoomIn} title={texts.zoomIn} onClick={() => onZoom(zoomBy(zoom, STEP))}>
          +
        </button>
        <button type="button" disabled={times === 1} onClick={() => onZoom(WHOLE)}>
          {texts.whole}
        </button>
      </div>
    </div>
  );
}

/** @returns `undefined` for a key that means nothing here */
function keyed(key: string, zoom: Zoom): Zoom | undefined {
  if (key === "+" || key === "=") return zoomBy(zoom, STEP);
  if (key === "-") return zoomBy(zoom, 1 / STEP);
  if (key === "0") return WHOLE;
  if (zoom.times === 1) return undefined; // there is nowhere to move to, so that arrows scroll the page
  if (key === "ArrowLeft") return moveBy(zoom, { x: -STRIDE, y: 0 });
  if (key === "ArrowRight") return moveBy(zoom, { x: STRIDE, y: 0 });
  if (key === "ArrowUp") return moveBy(zoom, { x: 0, y: -STRIDE });
  if (key === "ArrowDown") return moveBy(zoom, { x: 0, y: STRIDE });
  return undefined;
}
