/**
 * Twins: other series that draw the very same picture.
 * On a plot of thirty days a pixel column holds four samples and more, and in most orders they give the same pixels.
 * What the twins of a known series have in common is all that any reader can know of it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { layRun, layStretch } from "../../src/digitizer/wu-line.ts";
import { createRandom } from "../series/synthetic.ts";

/** A drawn series: the column of each sample, and its row before rounding, counted from the frame's corner. */
export interface DrawnSamples {
  columns: number[];
  rows: number[];
  height: number;
}

const SWEEPS = 600;
/** Sweeps before the order of the truth is forgotten, and from one twin that counts to the next. */
const SETTLING = 100;
const APART = 5;
/** Half a step of eight bits would not show. */
const UNSEEN = 1 / 510;

/** Where the samples of a drawn plot lie, by its files of the scorer's form. */
export function drawnSamples(folder: string, name: string): DrawnSamples {
  const { plotArea, axisStart, axisEnd, yMin, yMax } = JSON.parse(
    readFileSync(join(folder, `${name}.json`), "utf8"),
  ) as {
    plotArea: { x0: number; x1: number; y0: number; y1: number };
    axisStart: string;
    axisEnd: string;
    yMin: number;
    yMax: number;
  };
  const lines = readFileSync(join(folder, `${name}.csv`), "utf8")
    .trim()
    .split("\n")
    .slice(1);
  const samples = lines.map((line) => line.split(",") as [string, string]);
  const height = plotArea.y1 - plotArea.y0;
  const msPerPx = (Date.parse(axisEnd) - Date.parse(axisStart)) / (plotArea.x1 - plotArea.x0);
  const perDecade = height / Math.log10(yMax / yMin);
  return {
    columns: samples.map(([time]) => Math.round((Date.parse(time) - Date.parse(axisStart)) / msPerPx)),
    rows: samples.map(([, value]) => Math.log10(yMax / Number(value)) * perDecade),
    height: height + 1,
  };
}

/**
 * Swaps samples within their columns for as long as the picture stays the same, and takes of each sample's rows among
 * the twins so found the middle one: the best guess of a reader who knows all of the rows of each column.
 * @returns its errors: the 95th percentile, and the share beyond one px
 */
export function measureTwins({ columns, rows, height }: DrawnSamples): { p95Px: number; beyondOnePx: number } {
  const own = Map.groupBy(columns.keys(), (k) => columns[k]!);
  const twin = Int32Array.from(rows, Math.round);
  const draw = (column: number): Float32Array => {
    const uncovered = new Float32Array(height).fill(1);
    const [first, last] = [own.get(column)!.at(0)!, own.get(column)!.at(-1)!];
    const inColumn = twin.subarray(first, last + 1);
    layRun(uncovered, 0, height - 1, Math.min(...inColumn), Math.max(...inColumn));
    const lay = (from: number, to: number): void =>
      layStretch(uncovered, 0, height - 1, column, columns[from]!, twin[from]!, columns[to]!, twin[to]!);
    if (first > 0) lay(first - 1, first);
    if (last < twin.length - 1) lay(last, last + 1);
    return uncovered;
  };
  const picture = new Map([...own.keys()].map((column) => [column, draw(column)]));
  const looksTheSame = (column: number): boolean => {
    const wanted = picture.get(column);
    return wanted === undefined || draw(column).every((share, row) => Math.abs(share - wanted[row]!) < UNSEEN);
  };
  const random = createRandom(7);
  const twins: Int32Array[] = [];
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const [column, samples] of own) {
      const [a, b] = [random(), random()].map((share) => samples[Math.floor(share * samples.length)]!) as [
        number,
        number,
      ];
      swap(twin, a, b);
      if (![column - 1, column, column + 1].every(looksTheSame)) swap(twin, a, b);
    }
    if (sweep >= SETTLING && sweep % APART === 0) twins.push(twin.slice());
  }
  const errors = rows.map((row, k) => {
    const found = twins.map((other) => other[k]!).sort((a, b) => a - b);
    return Math.abs(found[found.length >> 1]! - row);
  });
  errors.sort((a, b) => a - b);
  return {
    p95Px: errors[Math.floor(0.95 * (errors.length - 1))]!,
    beyondOnePx: errors.filter((error) => error > 1).length / errors.length,
  };
}

function swap(rows: Int32Array, a: number, b: number): void {
  [rows[a], rows[b]] = [rows[b]!, rows[a]!];
}
