/**
 * Measures the digitizer: how near it comes to plots whose series are known, and how long it takes.
 * `npm run bench:digitizer`, or with a folder of such plots in the scorer's form as its argument.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decode } from "fast-png";
import { digitize } from "../../src/digitizer/digitize.ts";
import { decodePng } from "../../src/digitizer/png.ts";
import { openDigitizerPool } from "../../src/digitizer/pool.ts";
import type { Digitization } from "../../src/model/plot.ts";
import { sharedPath } from "../support/shared-path.ts";

const REAL_PLOT = "real-ecbd-20250513";
/** Rounds before times count, and rounds that count. */
const WARM_UP = 8;
const ROUNDS = 7;
const BATCH = 240;

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
  const scored = score(set, scratch);
  printScores(scored, (name) => lineOf(set, name));
  printRealPlot();
  printBadInputs(shared);
  printTimes(plots);
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

function score(folder: string, results: string): Scored[] {
  const file = join(results, "score.json");
  mkdirSync(join(results, "bad"), { recursive: true });
  const program = join(shared!, "score.mjs");
  const ran = spawnSync(
    process.execPath,
    [program, "--set", folder, "--results", results, "--no-bad", "--quiet", "--json", file],
    { encoding: "utf8" },
  );
  if (ran.status !== 0) throw new Error(`The scorer failed: ${ran.stderr}`);
  return (JSON.parse(readFileSync(file, "utf8")) as { perCase: Scored[] }).perCase;
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

/** Decoding and reading by turns, so that both meet the same machine. */
function printTimes(plots: readonly { png: Uint8Array }[]): void {
  const [decodes, wholes, byLibrary]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < WARM_UP + ROUNDS; round++)
    for (const { png } of plots) {
      const started = performance.now();
      decodePng(png);
      const decoded = performance.now();
      digitize(png);
      const read = performance.now();
      decode(png);
      if (round < WARM_UP) continue;
      decodes.push(decoded - started);
      wholes.push(read - decoded);
      byLibrary.push(performance.now() - read);
    }
  const [decoding, whole] = [at(decodes, 0.5), at(wholes, 0.5)];
  row("time a plot, warm median: decode by fast-png, for comparison", `${at(byLibrary, 0.5).toFixed(2)} ms`);
  row(
    "time a plot, warm median: decode / whole",
    `${decoding.toFixed(2)} / ${whole.toFixed(2)} ms, ${(whole / decoding).toFixed(1)} times`,
  );
}

async function printWorkers(pngs: readonly Uint8Array[]): Promise<void> {
  const time = async (workers: number): Promise<number> => {
    await using pool = openDigitizerPool({ workers });
    const readAll = (count: number): Promise<unknown> =>
      Promise.all(Array.from({ length: count }, (_, k) => pool.read(pngs[k % pngs.length]!)));
    // Threads start, and their code is compiled, before time counts.
    await readAll(BATCH / 2);
    const started = performance.now();
    await readAll(BATCH);
    return performance.now() - started;
  };
  const [one, two] = [await time(1), await time(2)];
  row(
    "plots a second: one worker / two",
    `${(BATCH / (one / 1000)).toFixed(0)} / ${(BATCH / (two / 1000)).toFixed(0)}, ${(one / two).toFixed(2)} times`,
  );
}

function sum(scored: readonly Scored[], key: "falsePoints" | "outside"): number {
  return scored.reduce((total, plot) => total + (plot[key] ?? 0), 0);
}

function at(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.round(share * (sorted.length - 1))] ?? NaN;
}

function row(name: string, value: string): void {
  console.log(`${name.padEnd(58)} ${value}`);
}
