/**
 * The chart: uPlot with its axes, cursor and selection, painted over by `paint`.
 * Owns uPlot's life; the view owns what is shown.
 */
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { useFormats } from "../language/format.ts";
import { localeOf, useLanguage } from "../language/language.ts";
import { createLogScale, type LogScale } from "../now/log-scale.ts";
import { theme } from "../theme.ts";
import { useStore } from "../store.ts";
import { readColours, type Colours } from "./colours.ts";
import { listenToGestures } from "./gestures.ts";
import { paintBackground, paintCurve, type Painted } from "./paint.ts";
import type { Span } from "./span.ts";
import { timeLabels } from "./ticks.ts";

/** At the right end a label would be cut. */
const LABEL_ROOM_PX = 14;

export interface ChartProps {
  painted: Painted;
  span: Span;
  /** Where the reader would go; called once a frame at most. */
  onSpan: (span: Span) => void;
  /** Which point is looked at: its seconds, since points get other indices when finer ones come. */
  onCursor: (seconds: number | undefined) => void;
  /** Handed the chart once it is made, for the keys and for saving it as a picture. */
  onMade: (chart: uPlot | undefined) => void;
}

/** The whole life of a uPlot reads these anew each time. */
interface Current extends ChartProps {
  colours: Colours;
  locale: string;
  scale: LogScale;
  number: (value: number) => string;
}

export function Chart(props: ChartProps) {
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const language = useLanguage();
  const formats = useFormats();
  const shownTheme = useStore(theme);
  const { columns } = props.painted;
  const current = useRef<Current>(undefined as never);
  const known = current.current as Current | undefined;
  current.current = {
    ...props,
    locale: localeOf(language),
    colours: known?.colours ?? readColours(),
    scale: known?.painted.columns === columns ? known.scale : createLogScale(extremesOf(props.painted)),
    number: (value) => formats.number(value, { maximumSignificantDigits: 3 }),
  };

  useEffect(() => {
    const made = makeChart(holder.current!, () => current.current);
    chart.current = made.chart;
    props.onMade(made.chart);
    return () => {
      props.onMade(undefined);
      made.close();
    };
  }, []);

  useEffect(() => {
    const made = chart.current!;
    if (made.data[0] !== columns.seconds) made.setData(dataOf(columns), false);
    // uPlot finds the points in view anew when the scale is set, be it to what it was.
    made.setScale("x", { min: props.span.startMs / 1000, max: props.span.endMs / 1000 });
  }, [props.painted, props.span.startMs, props.span.endMs]);

  useEffect(() => {
    const drawAnew = (isPrinted: boolean): void => {
      current.current.colours = readColours(isPrinted);
      chart.current?.redraw(false, true);
    };
    drawAnew(false);
    const leaving = new AbortController();
    addEventListener("beforeprint", () => drawAnew(true), leaving);
    addEventListener("afterprint", () => drawAnew(false), leaving);
    return () => leaving.abort();
  }, [shownTheme, language]);

  return <div class="chart-canvas" ref={holder} />;
}

const dataOf = ({ seconds, rmsMv }: Painted["columns"]): uPlot.AlignedData => [seconds, rmsMv];

/** The decades stay the same wherever the reader looks, so that heights can be compared. */
function extremesOf({ columns: { minMv, maxMv }, levels }: Painted): number[] {
  let [least, most] = [levels.medium, levels.high];
  for (const mv of minMv) least = Math.min(least, mv);
  for (const mv of maxMv) most = Math.max(most, mv);
  return [least, most];
}

function makeChart(holder: HTMLElement, current: () => Current): { chart: uPlot; close: () => void } {
  let frame = 0;
  let wanted: Span | undefined;
  const go = (span: Span): void => {
    wanted = span;
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      if (wanted !== undefined) current().onSpan(wanted);
      wanted = undefined;
    });
  };
  const axis = (): uPlot.Axis => ({
    stroke: () => current().colours.ink2,
    font: `12px ${current().colours.font}`,
    grid: { stroke: () => current().colours.rule, width: 1 },
    ticks: { stroke: () => current().colours.rule, width: 1, size: 5 },
  });
  const { span, painted } = current();
  const chart = new uPlot(
    {
      width: holder.clientWidth,
      height: holder.clientHeight,
      padding: [8, 12, 0, 0],
      legend: { show: false },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      scales: {
        x: { time: true, min: span.startMs / 1000, max: span.endMs / 1000 },
        y: { distr: 3, auto: false, range: () => [current().scale.minMv, current().scale.maxMv] },
      },
      axes: [
        {
          ...axis(),
          space: 76,
          size: 44,
          values: (made, splits, _axis, _space, stepS) => {
            const { min = 0, max = 0 } = made.scales["x"]!;
            const most = max - ((max - min) * LABEL_ROOM_PX) / made.width;
            return timeLabels(current().locale, splits, stepS).map((label, at) => (splits[at]! > most ? "" : label));
          },
        },
        {
          ...axis(),
          size: 44,
          splits: () => [...current().scale.ticks],
          values: (_chart, splits) => splits.map((mv) => current().number(mv)),
          gap: 4,
        },
      ],
      series: [{}, { scale: "y", paths: () => null, points: { show: false } }],
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: false, dist: 5 },
        points: {
          show: true,
          size: 8,
          fill: () => current().colours.ink,
          stroke: () => current().colours.paper,
          width: 2,
        },
        bind: {
          mousedown: (_chart, _target, handler) => (event) => (event.shiftKey ? null : handler(event)),
          dblclick: () => () => null,
        },
      },
      hooks: {
        drawClear: [(made) => paintBackground(made, current().painted, current().colours)],
        draw: [(made) => paintCurve(made, current().painted, current().colours)],
        setCursor: [
          ({ cursor: { idx }, data: [seconds] }) => current().onCursor(idx == null ? undefined : seconds[idx]),
        ],
        setSelect: [
          (made) => {
            const { left, width } = made.select;
            if (width === 0) return;
            const instant = (px: number): number => made.posToVal(px, "x") * 1000;
            go({ startMs: instant(left), endMs: instant(left + width) });
            made.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
      },
    },
    dataOf(painted.columns),
    holder,
  );
  const stopGestures = listenToGestures(chart.over, {
    span: () => wanted ?? current().span,
    widthPx: () => chart.bbox.width / devicePixelRatio,
    move: go,
  });
  const resizing = new ResizeObserver(() => {
    const { clientWidth: width, clientHeight: height } = holder;
    if (width > 0 && (width !== chart.width || height !== chart.height)) chart.setSize({ width, height });
  });
  resizing.observe(holder);
  return {
    chart,
    close() {
      cancelAnimationFrame(frame);
      resizing.disconnect();
      stopGestures();
      chart.destroy();
    },
  };
}
