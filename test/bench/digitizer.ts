/**
 * Measures the digitizer: how near it comes to plots whose series are known, and how long it takes.
 * `npm run bench:digitizer`, or with a folder of such plots in the scorer's form as its argument.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digitize } from "../../src/digitizer/digitize.ts";
import type { Digitization } from "../../src/model/plot.ts";
import { sharedPath } from "../support/shared-path.ts";
import { printTimes, printWorkers } from "./digitizer-times.ts";
import { at, row } from "./rows.ts";
import { drawnSamples, measureTwins } from "./twins.ts";

const REAL_PLOT = "real-ecbd-20250513";

/** What the scorer writes of one plot. */
interface Scored {
  name: string;
  failed: boolean;
  good?: boolean;
  coverage: number;
  falsePoints?: number;
  outside?: number;
  medianPx?: number;
  p95Px?: number;
  peak?: number;
  lag?: number | null;
  windowStart?: number;
  windowEnd?: number;
  station?: boolean;
}

const shared = sharedPath("graphs");
const set = process.argv[2] ?? shared;
if (set === undefined || shared === undefined) {
  console.error("Found no plots: the folder ../shared/graphs is not there");
  process.exit(2);
}

const scratch = mkdtempSync(join(tmpdir(), "bench-digitizer-"));
try {
  const names = readdirSync(set).filter((name) => name.endsWith(".png"));
  const plots = names.map((name) => ({ name: name.replace(/\.png$/, ""), png: readFileSync(join(set, name)) }));
  for (const { name, png } of plots)
    writeFileSync(join(scratch, `${name}.json`), JSON.stringify(answerOf(digitize(png))));
  const scored = score(set, scratch).perCase;
  printScores(scored, (name) => lineOf(set, name));
  printPooled(set, scratch, plots);
  printRealPlot();
  printBadInputs(shared);
  printTimes(plots, REAL_PLOT);
  await printWorkers(plots.map(({ png }) => png));
} finally {
  rmSync(scratch, { recursive: true });
}

function answerOf({ station, window, samples }: Digitization) {
  const iso = (timeMs: number): string => new Date(timeMs).toISOString();
  return {
    station,
    windowStart: window && iso(window.startMs),
    windowEnd: window && iso(window.endMs),
    points: samples.map(({ timeMs, rmsMv }) => ({ timestamp: iso(timeMs), value: rmsMv })),
  };
}

function score(folder: string, results: string, only = "."): { perCase: Scored[]; medianPx: number; p95Px: number } {
  const file = join(results, "score.json");
  mkdirSync(join(results, "bad"), { recursive: true });
  const program = join(shared!, "score.mjs");
  const ran = spawnSync(
    process.execPath,
    [program, "--set", folder, "--results", results, "--only", only, "--no-bad", "--quiet", "--json", file],
    { encoding: "utf8" },
  );
  if (ran.status !== 0) throw new Error(`The scorer failed: ${ran.stderr}`);
  return JSON.parse(readFileSync(file, "utf8")) as { perCase: Scored[]; medianPx: number; p95Px: number };
}

/** How the plot was drawn: `gd`, `aa`, `aapure`, `noaa`; and whether on bands. */
function lineOf(folder: string, name: string): string {
  const { line, style } = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as Record<string, string>;
  return style === "bands" ? "bands" : line!;
}

function printScores(scored: readonly Scored[], lineOf: (name: string) => string): void {
  const gd = scored.filter(({ name }) => lineOf(name) === "gd");
  const others = scored.filter(({ name }) => lineOf(name) !== "gd");
  const values = (of: readonly Scored[], key: "medianPx" | "p95Px"): number[] =>
    of.map((plot) => plot[key]).filter((value) => value !== undefined);
  const peaks = scored.map(({ peak }) => peak).filter((peak) => peak !== undefined);
  const windows = scored.flatMap(({ windowStart, windowEnd }) => [windowStart ?? 0, windowEnd ?? 0]).map(Math.abs);
  const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;
  const px = (value: number): string => `${value.toFixed(2)} px`;
  row("plots that meet all thresholds", `${scored.filter(({ good }) => good).length} of ${scored.length}`);
  row(
    "median error, whole-pixel plots (median / worst plot)",
    `${px(at(values(gd, "medianPx"), 0.5))} / ${px(at(values(gd, "medianPx"), 1))}`,
  );
  row(
    "95th percentile, same plots (median / worst plot)",
    `${px(at(values(gd, "p95Px"), 0.5))} / ${px(at(values(gd, "p95Px"), 1))}`,
  );
  row(
    "median error, other pens and bands (median / worst plot)",
    `${px(at(values(others, "medianPx"), 0.5))} / ${px(at(values(others, "medianPx"), 1))}`,
  );
  row(
    "peak error, median / worst",
    `${percent(at(peaks.map(Math.abs), 0.5))} / ${percent(at(peaks.map(Math.abs), 1))}`,
  );
  row(
    "coverage; points in gaps; points outside",
    `${(scored.reduce((sum, { coverage }) => sum + coverage, 0) / scored.length).toFixed(2)} %; ` +
      `${sum(scored, "falsePoints")}; ${sum(scored, "outside")}`,
  );
  row(
    "window, worst; lag, worst",
    `${at(windows, 1)} min; ${at(
      scored.map(({ lag }) => Math.abs(lag ?? 0)),
      1,
    )} min`,
  );
  row("stations right", `${scored.filter(({ station }) => station).length} of ${scored.length}`);
  for (const plot of scored)
    if (plot.good !== true) row(`  misses a threshold: ${plot.name}`, px(plot.medianPx ?? NaN));
}

/**
 * All samples of the whole-pixel plots together. Where columns hold more samples than two, many series draw the same
 * picture: how far these lie apart is what no reading can know.
 */
function printPooled(folder: string, results: string, plots: readonly { name: string }[]): void {
  const drawn = plots.flatMap(({ name }) => {
    if (!existsSync(join(folder, `${name}.json`)) || !existsSync(join(folder, `${name}.csv`))) return [];
    return lineOf(folder, name) === "gd" ? [{ name, samples: drawnSamples(folder, name) }] : [];
  });
  const isCrowded = ({ samples }: (typeof drawn)[number]): boolean =>
    samples.columns.some((column, k) => column === samples.columns[k + 2]);
  const pooled = (of: typeof drawn): string => {
    if (of.length === 0) return "none";
    const { medianPx, p95Px } = score(folder, results, `^(${of.map(({ name }) => name).join("|")})$`);
    return `${medianPx.toFixed(2)} / ${p95Px.toFixed(2)} px`;
  };
  row("the same pooled over all samples (median / 95 %)", pooled(drawn));
  row("  without plots of more than two samples a column", pooled(drawn.filter((plot) => !isCrowded(plot))));
  for (const { name, samples } of drawn.filter(isCrowded)) {
    const { p95Px, beyondOnePx } = measureTwins(samples);
    row(
      `  series that draw ${name} as well: best guess`,
      `${p95Px.toFixed(2)} px at 95 %, ${(100 * beyondOnePx).toFixed(0)} % beyond 1 px`,
    );
  }
}

function printRealPlot(): void {
  const { samples, fidelity } = digitize(readFileSync(join(shared!, `${REAL_PLOT}.png`)));
  const peak = samples.reduce((a, b) => (b.rmsMv > a.rmsMv ? b : a));
  const minute = (timeMs: number | undefined): string => new Date(timeMs ?? NaN).toISOString().slice(0, 16);
  row("the published plot: maximum", `${peak.rmsMv.toFixed(2)} mV at ${minute(peak.timeMs)}`);
  row("  samples", `${samples.length} from ${minute(samples[0]?.timeMs)} to ${minute(samples.at(-1)?.timeMs)}`);
  row("  fidelity: explained / present", `${fidelity?.explained.toFixed(4)} / ${fidelity?.present.toFixed(4)}`);
}

function printBadInputs(folder: string): void {
  for (const name of readdirSync(join(folder, "bad"))) {
    const bytes = readFileSync(join(folder, "bad", name));
    const started = performance.now();
    let what: string;
    try {
      const { samples, problems } = digitize(bytes);
      what = samples.length === 0 ? `empty: ${problems.join("; ")}` : `${samples.length} SAMPLES`;
    } catch (error) {
      what = (error as Error).message;
    }
    row(`bad input ${name}`, `${(performance.now() - started).toFixed(0)} ms, ${what}`);
  }
}

function sum(scored: readonly Scored[], key: "falsePoints" | "outside"): number {
  return scored.reduce((total, plot) => total + (plot[key] ?? 0), 0);
}
