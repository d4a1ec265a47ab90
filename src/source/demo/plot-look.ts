/**
 * The look of a plot without its curve, as SVG: title, globe, axes, labels.
 * Measured in a published picture of 13 May 2025; where a size isn't the published one, distances keep their share.
 */
import type { PlotArea } from "../../model/plot.ts";

/** Two styles were published: a green line on white, and a dark one on green, yellow and red bands. */
export type PlotStyle = "green" | "bands";

export interface PlotLook {
  title: string;
  style: PlotStyle;
  widthPx: number;
  heightPx: number;
  plotArea: PlotArea;
  /** The amplitude axis goes from 10^minDecade to 10^maxDecade mV. */
  minDecade: number;
  maxDecade: number;
  watermark: boolean;
}

const TEXT = "#444444";
/** Where the second style changes from green to yellow and from yellow to red, mV. */
const BANDS = [
  { fromMv: 0, colour: "#00c83c" },
  { fromMv: 1, colour: "#ffeb00" },
  { fromMv: 4, colour: "#eb281e" },
];

/** The row of an amplitude, not rounded. */
export function rowOf({ plotArea, minDecade, maxDecade }: PlotLook, rmsMv: number): number {
  const { topPx, bottomPx } = plotArea;
  return topPx + ((bottomPx - topPx) * (maxDecade - Math.log10(rmsMv))) / (maxDecade - minDecade);
}

/** Everything but the curve and the labels of the time axis. */
export function lookSvg(look: PlotLook): string {
  const { widthPx, heightPx, plotArea, style } = look;
  const { leftPx, topPx, rightPx, bottomPx } = plotArea;
  const middleRow = (topPx + bottomPx) / 2;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}">
    ${look.watermark ? globe(look) : ""}
    ${style === "bands" ? bands(look) : ""}
    <g font-family="Arimo" font-weight="700" fill="${TEXT}">
      <text x="${widthPx / 2 + 1.5}" y="18" font-size="16" text-anchor="middle">${escapeXml(look.title)}</text>
      <text transform="translate(19.5 ${middleRow - 3}) rotate(-90)" font-size="14" text-anchor="middle">mV</text>
      ${decades(look)}
    </g>
    <path fill-rule="evenodd" d="M${leftPx} ${topPx}H${rightPx + 1}V${bottomPx + 1}H${leftPx}Z
      M${leftPx + 1} ${topPx + 1}H${rightPx}V${bottomPx}H${leftPx + 1}Z"/>
  </svg>`;
}

/** One label of the time axis, written upwards; it ends at the picture's top. */
export function timeLabelSvg(label: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${TIME_LABEL.widthPx}" height="${TIME_LABEL.heightPx}">
    <text transform="translate(${TIME_LABEL.middlePx + 4} 1) rotate(-90)" font-family="DejaVu Sans" font-size="11"
      text-anchor="end" fill="${TEXT}">${escapeXml(label)}</text>
  </svg>`;
}

/** The size of a label of the time axis, and its column that comes to lie at the tick. */
export const TIME_LABEL = { widthPx: 16, heightPx: 80, middlePx: 8, belowAxisPx: 12 } as const;

function decades(look: PlotLook): string {
  const { leftPx, topPx, rightPx, bottomPx } = look.plotArea;
  let svg = "";
  for (let decade = look.minDecade; decade <= look.maxDecade; decade++) {
    const row = rowOf(look, 10 ** decade);
    const inside = row > topPx + 1 && row < bottomPx - 1;
    if (inside && look.style === "green")
      svg += `<rect x="${leftPx + 1}" y="${Math.round(row)}" width="${rightPx - leftPx - 1}" height="1" fill="#e3e3e3"/>`;
    const exponent = `<tspan dx="1">${decade}</tspan>`;
    svg += `<text x="${leftPx - 7}" y="${Math.round(row) + 5.5}" font-size="13" text-anchor="end">10^${exponent}</text>`;
  }
  return svg;
}

function bands(look: PlotLook): string {
  const { leftPx, topPx, rightPx, bottomPx } = look.plotArea;
  const clampRow = (rmsMv: number) => Math.min(Math.max(Math.round(rowOf(look, rmsMv)), topPx), bottomPx);
  return BANDS.map(({ fromMv, colour }, at) => {
    const top = clampRow(BANDS[at + 1]?.fromMv ?? Infinity);
    const height = clampRow(fromMv) - top;
    return `<rect x="${leftPx}" y="${top}" width="${rightPx - leftPx}" height="${height}" fill="${colour}"/>`;
  }).join("");
}

/** INGV's watermark: a pale globe behind the plot, seen from over a mid latitude. */
function globe({ plotArea }: PlotLook): string {
  const middle = { x: (plotArea.leftPx + plotArea.rightPx) / 2, y: (plotArea.topPx + plotArea.bottomPx) / 2 };
  const radius = 0.535 * (plotArea.bottomPx - plotArea.topPx);
  const lines: string[] = [];
  for (let colatitude = 30; colatitude <= 90; colatitude += 30) lines.push(arc((turn) => [colatitude, turn]));
  for (let longitude = 18; longitude < 378; longitude += 36) lines.push(arc((turn) => [turn / 3, longitude]));
  return `<defs><radialGradient id="shade" cx=".6" cy=".4" r=".7">
      <stop offset="0" stop-color="#fcfcfc"/><stop offset="1" stop-color="#f4f4f4"/>
    </radialGradient></defs>
    <g transform="translate(${middle.x} ${middle.y}) scale(${radius})">
      <circle r="1" fill="url(#shade)"/>
      <path d="${lines.join("")}" fill="none" stroke="#fff" stroke-width=".02"/>
    </g>`;
}

/** A line on the globe of radius 1, where it is on our side. @param at colatitude and longitude (degrees) by a turn of 0 to 360 */
function arc(at: (turn: number) => [number, number]): string {
  let path = "";
  let hidden = true;
  for (let turn = 0; turn <= 360; turn += 6) {
    const [x, y, z] = project(...at(turn));
    hidden = z < 0 ? true : ((path += `${hidden ? "M" : "L"}${x.toFixed(3)} ${y.toFixed(3)}`), false);
  }
  return path;
}

/** The pole leans 55 degrees up and 7 to the right from the eye. */
function project(colatitude: number, longitude: number): [x: number, y: number, z: number] {
  const radians = Math.PI / 180;
  const [c, l, lean, side] = [colatitude * radians, longitude * radians, 34.5 * radians, 7 * radians];
  const [x, y, z] = [Math.sin(c) * Math.sin(l), Math.sin(c) * Math.cos(l), Math.cos(c)];
  const up = z * Math.sin(lean) - y * Math.cos(lean);
  const toEye = z * Math.cos(lean) + y * Math.sin(lean);
  return [x * Math.cos(side) + toEye * Math.sin(side), -up, toEye * Math.cos(side) - x * Math.sin(side)];
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"]/g, (found) => `&#${found.charCodeAt(0)};`);
}
