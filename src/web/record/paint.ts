/**
 * What is painted on the chart beside uPlot's axes: level bands, episodes and gaps below the curve, the envelope of
 * least and greatest amplitudes, and the curve. Straight from the typed arrays, and only what is in view.
 */
import type uPlot from "uplot";
import { indicesOf, type Columns } from "./columns.ts";
import type { Colours } from "./colours.ts";

export interface Painted {
  columns: Columns;
  levels: { medium: number; high: number };
  levelNames: { LOW: string; MEDIUM: string; HIGH: string };
  /** `endMs`: up to what is known, where it goes on. */
  episodes: readonly { startMs: number; endMs: number }[];
  noData: string;
}

/** CSS pixels. */
const EPISODE_BAR = 4;
const LABEL_INSET = 6;
const LABELLED_GAP = 100;
/** Of years there are so many that their washes would be all that one sees. */
const WASHED_EPISODE = 3;

export function paintBackground(chart: uPlot, painted: Painted, colours: Colours): void {
  const { columns } = painted;
  paintIn(chart, (context, area, scale) => {
    for (const { top, bottom, wash } of bandsOf(chart, painted, colours)) {
      context.fillStyle = wash;
      context.fillRect(area.left, top, area.width, bottom - top);
    }
    context.fillStyle = colours.episodeWash;
    for (const [left, width] of episodesIn(chart, painted, scale))
      if (width >= WASHED_EPISODE * scale) context.fillRect(left, area.top, width, area.height);
    for (const [left, right] of gapsIn(chart, columns, scale)) hatch(context, left, right, area, scale, colours.rule);
  });
}

export function paintCurve(chart: uPlot, painted: Painted, colours: Colours): void {
  const { columns } = painted;
  paintIn(chart, (context, area, scale) => {
    context.font = `${11 * scale}px ${colours.font}`;
    context.textAlign = "center";
    context.textBaseline = "bottom";
    context.fillStyle = colours.ink2;
    for (const [left, right] of gapsIn(chart, columns, scale))
      if (right - left > LABELLED_GAP * scale)
        context.fillText(painted.noData, (left + right) / 2, area.top + area.height - 4 * scale);
    for (const [left, width] of episodesIn(chart, painted, scale))
      context.fillRect(left, area.top, width, EPISODE_BAR * scale);
    const { span, column, row } = viewOf(chart);
    const [inView, beyond] = indicesOf(columns, span);
    // One more on each side, so that the curve runs out of the area.
    const from = Math.max(0, inView - 1);
    const to = Math.min(columns.seconds.length, beyond + 1);
    const { seconds, minMv, maxMv, rmsMv, afterGap, clipped } = columns;
    const line = new Path2D();
    const envelope = new Path2D();
    for (let start = from; start < to;) {
      let end = start + 1;
      while (end < to && afterGap[end] === 0) end++;
      for (let at = start; at < end; at++) {
        const x = column(seconds[at]!);
        line[at === start ? "moveTo" : "lineTo"](x, row(rmsMv[at]!));
        envelope[at === start ? "moveTo" : "lineTo"](x, row(maxMv[at]!));
      }
      for (let at = end - 1; at >= start; at--) envelope.lineTo(column(seconds[at]!), row(minMv[at]!));
      envelope.closePath();
      // A sample that stands alone would be a line of no length.
      if (end === start + 1) line.lineTo(column(seconds[start]!) + scale, row(rmsMv[start]!));
      start = end;
    }
    context.lineJoin = "round";
    context.fillStyle = context.strokeStyle = colours.envelope;
    context.fill(envelope);
    context.lineWidth = 0.75 * scale; // so that a peak of one step, thinner than a pixel, is seen
    context.stroke(envelope);
    context.strokeStyle = colours.ink;
    context.lineWidth = 1.25 * scale;
    context.stroke(line);
    context.fillStyle = colours.high;
    for (let at = from; at < to; at++) if (clipped[at] === 1) paintBound(column(seconds[at]!), row(maxMv[at]!));
    // Over the curve, each in a hem of paper, since of years the curve is everywhere.
    context.textAlign = "left";
    context.strokeStyle = colours.paper;
    context.lineWidth = 3 * scale;
    const label = (text: string, bottom: number, colour: string): void => {
      context.fillStyle = colour;
      context.strokeText(text, area.left + LABEL_INSET * scale, bottom);
      context.fillText(text, area.left + LABEL_INSET * scale, bottom);
    };
    for (const { name, bottom, colour } of bandsOf(chart, painted, colours)) label(name, bottom - 4 * scale, colour);
    label("mV", area.top + 20 * scale, colours.ink2);

    /** The curve ran out of its plot here: an arrow up. */
    function paintBound(x: number, y: number): void {
      const size = 4 * scale;
      const tip = Math.max(area.top + EPISODE_BAR * scale, y - 2.5 * size);
      context.beginPath();
      context.moveTo(x, tip);
      context.lineTo(x - size, tip + 1.5 * size);
      context.lineTo(x + size, tip + 1.5 * size);
      context.fill();
    }
  });
}

type Area = uPlot.BBox;
type Paint = (context: CanvasRenderingContext2D, area: Area, scale: number) => void;

/** Within the plot area alone. @param paint gets canvas pixels, and how many make a CSS pixel */
function paintIn({ ctx, bbox, width }: uPlot, paint: Paint): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  paint(ctx, bbox, ctx.canvas.width / width);
  ctx.restore();
}

/** Maps to canvas pixels, as straight lines: uPlot's own way is too slow for each of thousands of points. */
function viewOf({ bbox, scales }: uPlot) {
  const { min: minS = 0, max: maxS = 1 } = scales["x"] as { min?: number; max?: number };
  const { min: minMv = 0.1, max: maxMv = 10 } = scales["y"] as { min?: number; max?: number };
  const perSecond = bbox.width / (maxS - minS);
  const perDecade = bbox.height / Math.log10(maxMv / minMv);
  const bottom = bbox.top + bbox.height;
  return {
    span: { startMs: minS * 1000, endMs: maxS * 1000 },
    column: (seconds: number): number => bbox.left + (seconds - minS) * perSecond,
    row: (mv: number): number => bottom - Math.log10(mv / minMv) * perDecade,
  };
}

/** Left edge and width of each that is in view, canvas pixels. */
function episodesIn(chart: uPlot, { episodes }: Painted, scale: number): [number, number][] {
  const { span, column } = viewOf(chart);
  return episodes
    .filter(({ startMs, endMs }) => endMs >= span.startMs && startMs <= span.endMs)
    .map(({ startMs, endMs }) => {
      const left = column(startMs / 1000);
      return [left, Math.max(column(endMs / 1000) - left, 2 * scale)];
    });
}

interface Band {
  name: string;
  top: number;
  bottom: number;
  wash: string;
  colour: string;
}

function bandsOf(chart: uPlot, { levels, levelNames }: Painted, colours: Colours): Band[] {
  const { row } = viewOf(chart);
  const { top, height } = chart.bbox;
  const held = (mv: number): number => Math.min(top + height, Math.max(top, row(mv)));
  const { low, lowWash, medium, mediumWash, high, highWash } = colours;
  return [
    { name: levelNames.LOW, top: held(levels.medium), bottom: top + height, wash: lowWash, colour: low },
    { name: levelNames.MEDIUM, top: held(levels.high), bottom: held(levels.medium), wash: mediumWash, colour: medium },
    { name: levelNames.HIGH, top, bottom: held(levels.high), wash: highWash, colour: high },
  ];
}

/** Left and right edge of each that is in view and can be seen, canvas pixels. */
function* gapsIn(chart: uPlot, columns: Columns, scale: number): Generator<[number, number]> {
  const { span, column } = viewOf(chart);
  const { left: areaLeft, width } = chart.bbox;
  const { seconds, stepS, afterGap } = columns;
  const [from, to] = indicesOf(columns, span);
  for (let at = Math.max(1, from); at < Math.min(seconds.length, to + 1); at++) {
    if (afterGap[at] === 0) continue;
    const left = Math.max(areaLeft, column(seconds[at - 1]! + stepS[at - 1]! / 2));
    const right = Math.min(areaLeft + width, column(seconds[at]! - stepS[at]! / 2));
    if (right - left >= scale) yield [left, right];
  }
}

function hatch(
  context: CanvasRenderingContext2D,
  left: number,
  right: number,
  area: Area,
  scale: number,
  colour: string,
) {
  context.save();
  context.beginPath();
  context.rect(left, area.top, right - left, area.height);
  context.clip();
  context.beginPath();
  const apart = 7 * scale;
  // Lines keep their place on the paper while it moves under them.
  for (let x = Math.floor((left - area.height) / apart) * apart; x < right; x += apart) {
    context.moveTo(x, area.top + area.height);
    context.lineTo(x + area.height, area.top);
  }
  context.strokeStyle = colour;
  context.lineWidth = scale;
  context.stroke();
  context.restore();
}
