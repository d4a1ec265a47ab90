/**
 * The tremor record as a file for researchers: JSON, CSV or GeoCSV, in pieces of text, however long it is.
 * Owns the forms. Each says its units and that the plots are INGV's.
 */
import { createHash, hash } from "node:crypto";
import type { RecordColumns } from "../catalog/packed-day.ts";
import { formatDuration } from "./durations.ts";
import { formatInstant } from "./instants.ts";
import { pointsOf, type StreamedSeries, type TremorPoint } from "./tremor.ts";

export const EXPORT_FORMATS = ["json", "csv", "geocsv"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export const CONTENT_TYPES: Readonly<Record<ExportFormat, string>> = {
  json: "application/json; charset=utf-8",
  csv: "text/csv; charset=utf-8; header=present",
  geocsv: "text/csv; charset=utf-8",
};

export interface TremorExport extends StreamedSeries {
  /** Made up, as the demo's is: then nobody measured it, and INGV isn't named. */
  synthetic?: boolean;
}

const ATTRIBUTION =
  "Plots by Istituto Nazionale di Geofisica e Vulcanologia - Osservatorio Etneo (INGV-OE) - https://www.ct.ingv.it; " +
  "numbers read from them by etna-archive";
const SYNTHETIC = "Synthetic: made up by etna-archive's demo, and measured by nobody";
const attributionOf = ({ synthetic }: TremorExport): string => (synthetic ? SYNTHETIC : ATTRIBUTION);
const TITLE = "Volcanic tremor of Mt Etna (RMS amplitude)";

/** A column of the table: its name, unit and type as GeoCSV has them, and its cell. */
interface Column {
  name: string;
  unit: string;
  type: "datetime" | "float" | "integer" | "string";
  longName: string;
  cell: (point: TremorPoint) => string | number;
}

const AMPLITUDE = { unit: "mV", type: "float" } as const;
/** GeoCSV's own word for it. */
const COUNT = { unit: "unitless", type: "integer" } as const;

const COLUMNS: readonly Column[] = [
  {
    name: "timestamp",
    unit: "UTC",
    type: "datetime",
    longName: "start of the step",
    cell: ({ timeMs }) => formatInstant(timeMs),
  },
  { name: "value", ...AMPLITUDE, longName: "quadratic mean of the RMS amplitude", cell: ({ value }) => value },
  { name: "min", ...AMPLITUDE, longName: "least sample", cell: ({ min }) => min },
  { name: "max", ...AMPLITUDE, longName: "greatest sample", cell: ({ max }) => max },
  { name: "median", ...AMPLITUDE, longName: "median sample", cell: ({ median }) => median },
  { name: "count", ...COUNT, longName: "samples in the step", cell: ({ count }) => count },
  {
    name: "clipped",
    ...COUNT,
    longName: "1 where the curve ran out of the plot: a bound",
    cell: ({ clipped }) => (clipped ? 1 : 0),
  },
  { name: "agreeing", ...COUNT, longName: "plots that agree", cell: ({ agreeing }) => agreeing },
  { name: "shown_by", ...COUNT, longName: "plots that show it", cell: ({ shownBy }) => shownBy },
];

/** In plain CSV, where a comment would be taken for data, each row names its source. */
const sourceColumn = ({ synthetic }: TremorExport): Column => ({
  name: "source",
  unit: "",
  type: "string",
  longName: "who plotted it",
  cell: () => (synthetic ? "synthetic" : "INGV-OE"),
});

/** The whole file, piece by piece. */
export function exportTremor(format: ExportFormat, series: TremorExport): Generator<string> {
  if (format === "json") return jsonOf(series);
  return format === "csv" ? csvOf(series) : geocsvOf(series);
}

/**
 * Names what a file holds without making it: the same for the same samples, on any machine and after any restart.
 * @param version of the program, which may write the same samples in another way
 */
export function exportTag(format: ExportFormat, { range, stepMs, samples, synthetic }: TremorExport, version: string) {
  const named = JSON.stringify([version, format, range, stepMs, synthetic ?? false, digestOf(samples)]);
  return hash("sha256", named, "base64url");
}

/** Of the last stretch of each memory: the whole record is one while nothing changes, and 20 years of it take 12 ms. */
const digests = new WeakMap<ArrayBufferLike, { stretch: string; digest: string }>();

function digestOf({ timesMs, rmsMv, clipped, support }: RecordColumns): string {
  const stretch = `${timesMs.byteOffset} ${timesMs.length}`;
  const known = digests.get(timesMs.buffer);
  if (known?.stretch === stretch) return known.digest;
  const made = createHash("sha256");
  for (const column of [timesMs, rmsMv, clipped, support])
    made.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  const digest = made.digest("base64url");
  digests.set(timesMs.buffer, { stretch, digest });
  return digest;
}

export function exportName({ range }: TremorExport, format: ExportFormat): string {
  const [start, end] = [range.startMs, range.endMs].map((timeMs) => formatInstant(timeMs).replace(/[-:]/g, ""));
  return `etna_tremor_${start}_${end}.${format === "geocsv" ? "geocsv.csv" : format}`;
}

function* csvOf(series: TremorExport): Generator<string> {
  yield* rowsOf(series, [...COLUMNS, sourceColumn(series)], "\r\n");
}

/** GeoCSV 2.0: lines of keyword and value, then a table (EarthScope, "GeoCSV - Tabular text formatting for geoscience data"). */
function* geocsvOf(series: TremorExport): Generator<string> {
  const each = (what: keyof Column): string => COLUMNS.map((column) => column[what]).join(",");
  const header = {
    dataset: "GeoCSV 2.0",
    delimiter: ",",
    title: TITLE,
    attribution: attributionOf(series),
    // Whose plots they are, and not which: some may be of another address (INGV_URL), or from files.
    ...(series.synthetic ? {} : { institution: "INGV-OE", source: "https://www.ct.ingv.it/" }),
    start_time: formatInstant(series.range.startMs),
    end_time: formatInstant(series.range.endMs),
    step: formatDuration(series.stepMs),
    comment: "Steps that no archived plot shows are left out; end_time is not included",
    field_unit: each("unit"),
    field_type: each("type"),
    field_long_name: each("longName").replaceAll(": ", " - "),
  };
  yield Object.entries(header)
    .map(([keyword, value]) => `# ${keyword}: ${value}\n`)
    .join("");
  yield* rowsOf(series, COLUMNS, "\n");
}

function* rowsOf({ pieces }: TremorExport, columns: readonly Column[], lineEnd: string): Generator<string> {
  yield columns.map(({ name }) => name).join(",") + lineEnd;
  for (const piece of pieces) {
    let text = "";
    for (const point of pointsOf(piece)) text += columns.map(({ cell }) => cell(point)).join(",") + lineEnd;
    if (text !== "") yield text;
  }
}

function* jsonOf(series: TremorExport): Generator<string> {
  const { range, stepMs, pieces } = series;
  const head = {
    ok: true,
    start: formatInstant(range.startMs),
    end: formatInstant(range.endMs),
    step: formatDuration(stepMs),
    unit: "mV",
    attribution: attributionOf(series),
  };
  yield `${JSON.stringify(head).slice(0, -1)},"data":[`;
  let count = 0;
  for (const piece of pieces) {
    const rows = Array.from(pointsOf(piece), ({ timeMs, ...point }) =>
      JSON.stringify({ timestamp: formatInstant(timeMs), ...point }),
    );
    if (rows.length > 0) yield (count > 0 ? "," : "") + rows.join(",");
    count += rows.length;
  }
  yield `],"count":${count}}\n`;
}
