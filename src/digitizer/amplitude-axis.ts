/**
 * The amplitude axis: from labels to the amplitudes at the frame, on a logarithmic or a linear scale.
 */
import type { AmplitudeAxis, PlotArea } from "../model/plot.ts";
import { type AmplitudeTick, readAmplitudeLabels } from "./amplitude-labels.ts";
import type { AxisLabels } from "./labels.ts";
import type { RuledLine } from "./ruled-lines.ts";
import { type AxisPoint, fitLine, fitRobustLine, type Line } from "./robust-line.ts";

/** Labels stand this near to the fitted line. */
const LABEL_TOLERANCE_PX = 2;
/** What the middle of a label's digits is off its tick: mean over renderers, in px. */
const LABEL_BIAS_PX = -0.6;
/** A frame line this near to an even amplitude is meant to lie at it. */
const EVEN_TOLERANCE_PX = 0.75;

/** Axes of more labels are told by most of these. */
const MOST_LABELS = 12;
/** Most frames lie at whole decades. */
const DECADE_TOLERANCE_PX = 2.2;
/** Both ends of an axis are whole decades also where all labels stand this far beside them: about half a digit's height. */
const DECADES_TOLERANCE_PX = 5;

/** Axes end at 1, 2 or 5 times a power of ten: what these add to its exponent. */
const ROUND_MANTISSAS = [1, 2, 5].map((mantissa) => Math.log10(mantissa));

/** Fits the amplitude axis to its labels. `undefined` when fewer than two of them agree. */
export function fitAmplitudeAxis(
  found: AxisLabels,
  area: PlotArea,
  gridRows: readonly RuledLine[],
): AmplitudeAxis | undefined {
  const read = withCarets(readAmplitudeLabels(found.labels));
  // Labels are of one kind: a number among powers of ten is a power misread.
  const powers = wholePowers(read);
  const ticks = powers.length >= 2 ? withMinuses(powers) : read;
  const chosen = chooseScale(ticks, area);
  if (chosen === undefined || chosen.line.inliers.length < Math.max(2, 0.5 * ticks.length)) return undefined;
  const { scale, line } = chosen;
  // A 1 that reads as a 2 in one label does so in all of them: nobody writes 2e2, 2e0 and 2e-2.
  if (scale === "log" && ticks.every(({ isPower, rmsMv }) => isPower && isTwice(rmsMv))) return undefined;
  const rows = [area.topPx, area.bottomPx, ...gridRows.map((row) => row.atPx), ...found.marksPx];
  const exact = fitExactRows(line, rows, area);
  const fitted = exact ?? fitLabels(line);
  const { top, bottom } = (exact === undefined && scale === "log" && roundEnds(fitted, area)) || {
    top: evenEnd(fitted, area.topPx, scale),
    bottom: evenEnd(fitted, area.bottomPx, scale),
  };
  // There is a line through any two labels: where another one contradicts it, the frame has to speak for it.
  const isWhole = scale === "log" && [top, bottom].every(Number.isInteger);
  if (line.inliers.length === 2 && ticks.length > 2 && !isWhole) return undefined;
  const perPx = (bottom - top) / (area.bottomPx - area.topPx);
  return {
    found: "labels",
    scale,
    perPx,
    atRow0: top - perPx * area.topPx,
    minMv: amplitudeOf(bottom, scale),
    maxMv: amplitudeOf(top, scale),
    residualPx: fitted.residualPx,
  };
}

/**
 * How far below its tick the first digit of a label is drawn, by their middles, in px: most programs centre the turned
 * labels of the other axis the same way.
 */
export function labelOffsetPx({ labels }: AxisLabels, { scale, atRow0, perPx }: AmplitudeAxis): number | undefined {
  const offsets = labels
    .flatMap((label) => {
      const { rmsMv } = readAmplitudeLabels([label])[0] ?? { rmsMv: NaN };
      const [{ band }, { v0, v1 }] = [label.lines[0]!, label.glyphs[0] ?? { v0: NaN, v1: NaN }];
      const digitPx = label.atPx + (v0 + v1 - band.v0 - band.v1) / 2;
      return digitPx - ((scale === "log" ? Math.log10(rmsMv) : rmsMv) - atRow0) / perPx;
    })
    .filter((offsetPx) => Math.abs(offsetPx) <= DECADES_TOLERANCE_PX)
    .sort((a, b) => a - b);
  return offsets[offsets.length >> 1];
}

/** Among powers of ten alone, 100 is another one: where a caret touches the digits beside it, it is lost in them. */
function withCarets(read: readonly AmplitudeTick[]): readonly AmplitudeTick[] {
  const mayBePowers = read.every(({ isPower, caretMv }) => isPower || caretMv !== undefined);
  if (!mayBePowers || !read.some(({ isPower }) => isPower)) return read;
  return read.map((tick) => (tick.caretMv === undefined ? tick : { ...tick, rmsMv: tick.caretMv, isPower: true }));
}

/** Amplitudes fall downwards: a power that would rise has lost a minus to what it touches, if it is the next one with it. */
function withMinuses(powers: readonly AmplitudeTick[]): readonly AmplitudeTick[] {
  const mended: AmplitudeTick[] = [];
  for (const tick of [...powers].sort((a, b) => a.atPx - b.atPx)) {
    const above = mended.at(-1)?.rmsMv ?? NaN;
    const isNext = Math.abs(Math.log10(above * tick.rmsMv) - 1) < 1e-9;
    mended.push(tick.rmsMv > above && isNext ? { ...tick, rmsMv: 1 / tick.rmsMv } : tick);
  }
  return mended.every((tick) => powers.includes(tick)) ? powers : mended;
}

/** The labels that are powers of ten. Where several are whole ones, another was misread. */
function wholePowers(read: readonly AmplitudeTick[]): AmplitudeTick[] {
  const powers = read.filter(({ isPower }) => isPower);
  const whole = powers.filter(({ rmsMv }) => Math.abs(Math.log10(rmsMv) - Math.round(Math.log10(rmsMv))) < 1e-9);
  return whole.length >= 2 ? whole : powers;
}

/** The scale on which most labels lie on a straight line; logarithmic where they say so or there is nothing to choose. */
function chooseScale(
  ticks: readonly AmplitudeTick[],
  area: PlotArea,
): { scale: "log" | "linear"; line: Line } | undefined {
  const log = fitDecades(
    ticks.filter(({ rmsMv }) => rmsMv > 0 && isLogarithmic(rmsMv)),
    area,
  );
  const linear = fitRobustLine(
    ticks.map(({ atPx, rmsMv }) => ({ atPx, value: rmsMv })),
    LABEL_TOLERANCE_PX,
    -1,
  );
  const powers = ticks.filter(({ isPower }) => isPower).length;
  const logCount = (log?.inliers.length ?? 0) + (powers * 2 > ticks.length ? 100 : 0);
  const linearCount = linear?.inliers.length ?? 0;
  const decades = log === undefined ? 0 : Math.abs(log.inliers[0]!.value - log.inliers.at(-1)!.value);
  if (log !== undefined && (logCount > linearCount || (logCount === linearCount && decades >= 1)))
    return { scale: "log", line: log };
  return linear === undefined || !isInSteps(linear) ? undefined : { scale: "linear", line: linear };
}

/** Labels on a linear scale are whole or half steps from 0. Three on a line are enough to say so; two are it by chance. */
function isInSteps({ inliers }: Line): boolean {
  const [first, second] = inliers;
  const steps = (2 * first!.value) / (second!.value - first!.value);
  return inliers.length > 2 || Math.abs(steps - Math.round(steps)) < 1e-6;
}

/** Twice a power of ten. */
function isTwice(rmsMv: number): boolean {
  const exponent = Math.log10(rmsMv / 2);
  return Math.abs(exponent - Math.round(exponent)) < 1e-9;
}

/** Is it a number that stands at a logarithmic scale: one of a single digit and zeros, or 15, 25 and their like? */
function isLogarithmic(rmsMv: number): boolean {
  return /^[1-9](\.[05]0*)?e/.test(rmsMv.toExponential(5));
}

/**
 * The line through most labels on a logarithmic scale. Of several lines through as many, one that explains another label
 * by its lost point, one with whole decades at the frame, and one through labels that were read better.
 */
function fitDecades(ticks: readonly AmplitudeTick[], { topPx, bottomPx }: PlotArea): Line | undefined {
  const fit = (some: readonly AmplitudeTick[]): Line | undefined =>
    fitRobustLine(
      some.map(({ atPx, rmsMv }) => ({ atPx, value: Math.log10(rmsMv) })),
      LABEL_TOLERANCE_PX,
      -1,
    );
  const first = fit(ticks);
  if (first === undefined || first.inliers.length === ticks.length || ticks.length > MOST_LABELS) return first;
  const offPx = (line: Line, atPx: number, value: number): number =>
    Math.abs((value - line.atOrigin) / line.perPx - atPx);
  const gain = (line: Line): number => {
    const lost = ticks.filter(
      ({ atPx, pointedMv }) =>
        pointedMv !== undefined && offPx(line, atPx, Math.log10(pointedMv)) <= LABEL_TOLERANCE_PX,
    );
    const ends = [topPx, bottomPx].filter((row) => {
      const value = line.atOrigin + line.perPx * row;
      return offPx(line, row, Math.round(value)) <= DECADE_TOLERANCE_PX;
    });
    const clear = ticks.filter(({ atPx, rmsMv }) => offPx(line, atPx, Math.log10(rmsMv)) <= LABEL_TOLERANCE_PX);
    const clearness = clear.reduce((sum, { confidence }) => sum + Math.exp(confidence), 0) / clear.length;
    return line.inliers.length + 0.3 * Math.min(2, lost.length) + 0.15 * ends.length + 0.1 * clearness;
  };
  const others = ticks.flatMap((out) => fit(ticks.filter((tick) => tick !== out)) ?? []);
  return others.reduce((best, line) => (gain(line) > gain(best) ? line : best), first);
}

/** The line through the frame's lines, gridlines and marks that the labels stand at; `undefined` where there are none. */
function fitExactRows(line: Line, rowsPx: readonly number[], area: PlotArea): Line | undefined {
  let best: AxisPoint[] = [];
  let bestOff = Infinity;
  for (const biasPx of [0, -0.5, -1, -1.5, 0.5, 1, -2, 1.5, 2]) {
    let off = 0;
    const matched = line.inliers.flatMap(({ atPx, value }) => {
      const near = rowsPx.filter((row) => Math.abs(row + biasPx - atPx) <= 0.8);
      if (near.length === 0) return [];
      const row = near.reduce((a, b) => (Math.abs(a + biasPx - atPx) <= Math.abs(b + biasPx - atPx) ? a : b));
      off += Math.abs(row + biasPx - atPx);
      return [{ atPx: row, value }];
    });
    if (matched.length > best.length || (matched.length === best.length && off < bestOff))
      [best, bestOff] = [matched, off];
  }
  const atFrame = best.filter(({ atPx }) => atPx === area.topPx || atPx === area.bottomPx);
  if (atFrame.length === 2 && atFrame[0]!.atPx !== atFrame[1]!.atPx)
    return { ...fitLine(atFrame), residualPx: fitLine(best).residualPx };
  return best.length >= 2 ? fitLine(best) : undefined;
}

function fitLabels({ inliers }: Line): Line {
  return fitLine(inliers.map(({ atPx, value }) => ({ atPx: atPx - LABEL_BIAS_PX, value })));
}

/**
 * The ends of an axis that labels alone place, if both are a power of ten or twice or five times one: in some fonts they all
 * stand some pixels beside their ticks, which shows at both ends alike.
 */
function roundEnds(line: Line, { topPx, bottomPx }: PlotArea): { top: number; bottom: number } | undefined {
  const [top, bottom] = [topPx, bottomPx].map((rowPx) => {
    const value = line.atOrigin + line.perPx * rowPx;
    const round = ROUND_MANTISSAS.map((mantissa) => Math.round(value - mantissa) + mantissa);
    const nearest = round.reduce((a, b) => (Math.abs(b - value) < Math.abs(a - value) ? b : a));
    return { value: nearest, offPx: (nearest - value) / line.perPx };
  });
  const areDecades = Number.isInteger(top!.value) && Number.isInteger(bottom!.value);
  const most = areDecades ? DECADES_TOLERANCE_PX : DECADE_TOLERANCE_PX;
  const isNear = Math.abs(top!.offPx + bottom!.offPx) / 2 <= most;
  const isAlike = Math.abs(top!.offPx - bottom!.offPx) <= EVEN_TOLERANCE_PX;
  return isNear && isAlike ? { top: top!.value, bottom: bottom!.value } : undefined;
}

/** The axis' value at a frame line: a whole decade or an even amplitude where one is near enough. */
function evenEnd(line: Line, rowPx: number, scale: "log" | "linear"): number {
  const value = line.atOrigin + line.perPx * rowPx;
  const pxTo = (onScale: number): number => Math.abs((onScale - value) / line.perPx);
  if (scale === "log" && pxTo(Math.round(value)) <= DECADE_TOLERANCE_PX) return Math.round(value);
  const amplitude = amplitudeOf(value, scale);
  for (const step of evenSteps(amplitude)) {
    const even = Number((Math.round(amplitude / step) * step).toPrecision(6));
    const onScale = scale === "log" ? Math.log10(even) : even;
    if (even >= 0 && pxTo(onScale) <= EVEN_TOLERANCE_PX) return onScale;
  }
  return value;
}

/** Tens, fives, twos and ones of the leading digit. */
function evenSteps(amplitude: number): number[] {
  if (!(Math.abs(amplitude) > 1e-9)) return [1];
  const decade = 10 ** Math.floor(Math.log10(Math.abs(amplitude) * 1.0000001));
  return [10 * decade, 5 * decade, decade, decade / 2];
}

function amplitudeOf(value: number, scale: "log" | "linear"): number {
  return scale === "log" ? Number((10 ** value).toPrecision(12)) : value;
}
