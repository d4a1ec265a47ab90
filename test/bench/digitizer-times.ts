/** How long the digitizer takes, in process and on worker threads. */
import { decode } from "fast-png";
import { digitize } from "../../src/digitizer/digitize.ts";
import { decodePng } from "../../src/digitizer/png.ts";
import { type DigitizerPool, openDigitizerPool } from "../../src/digitizer/pool.ts";
import { at, row } from "./rows.ts";

/** Rounds before times count, and rounds that count. */
const WARM_UP = 8;
const ROUNDS = 7;
/** So many that what one thread waits for the other at the end of a batch, up to 0.3 s, is next to nothing. */
const BATCH = 360;

/** Decoding and reading by turns, so that both meet the same machine. */
export function printTimes(plots: readonly { name: string; png: Uint8Array }[], published: string): void {
  const took: { name: string; decode: number; whole: number; library: number }[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round++)
    for (const { name, png } of plots) {
      const started = performance.now();
      decodePng(png);
      const decoded = performance.now();
      digitize(png);
      const read = performance.now();
      decode(png);
      const library = performance.now() - read;
      if (round >= WARM_UP) took.push({ name, decode: decoded - started, whole: read - decoded, library });
    }
  row("time a plot, warm median: decode by fast-png, for comparison", `${median(took, "library").toFixed(2)} ms`);
  row("time a plot, warm median: decode / whole", ratioOf(took));
  const ofPublished = took.filter(({ name }) => name === published);
  if (ofPublished.length > 0) row("  the published plot: decode / whole", ratioOf(ofPublished));
}

type Times = Record<"decode" | "whole" | "library", number>;

function median(took: readonly Times[], what: keyof Times): number {
  return at(
    took.map((times) => times[what]),
    0.5,
  );
}

function ratioOf(took: readonly Times[]): string {
  const [decode, whole] = [median(took, "decode"), median(took, "whole")];
  return `${decode.toFixed(2)} / ${whole.toFixed(2)} ms, ${(whole / decode).toFixed(1)} times`;
}

/** One and two threads by turns, so that both meet the same machine. */
export async function printWorkers(pngs: readonly Uint8Array[]): Promise<void> {
  await using one = openDigitizerPool({ workers: 1 });
  await using two = openDigitizerPool({ workers: 2 });
  const time = async (pool: DigitizerPool, count: number): Promise<number> => {
    const started = performance.now();
    await Promise.all(Array.from({ length: count }, (_, k) => pool.read(pngs[k % pngs.length]!)));
    return performance.now() - started;
  };
  // Threads start, and their code is compiled, before time counts.
  for (const pool of [one, two]) await time(pool, BATCH);
  const rounds: { one: number; two: number }[] = [];
  for (let round = 0; round < ROUNDS; round++)
    rounds.push({ one: await time(one, BATCH), two: await time(two, BATCH) });
  const medianOf = (figure: (round: { one: number; two: number }) => number): number => at(rounds.map(figure), 0.5);
  const [single, double] = [medianOf((round) => round.one), medianOf((round) => round.two)];
  const gain = medianOf((round) => round.one / round.two);
  row(
    "plots a second: one worker / two",
    `${(BATCH / (single / 1000)).toFixed(0)} / ${(BATCH / (double / 1000)).toFixed(0)}, ${gain.toFixed(2)} times in the median of ${ROUNDS} rounds`,
  );
}
