/** Reads plots with blots on them in a process of its own, and prints how many and the most memory that it took. */
import { digitize } from "../../src/digitizer/digitize.ts";
import { createPlotPainter } from "../../src/source/demo/draw-plot.ts";
import { blotted } from "./blotted.ts";
import { noisyRows, START_MS } from "./drawn-trace.ts";

const painter = await createPlotPainter();
const samples = noisyRows(1008).map((row, k) => ({
  timeMs: START_MS + k * 600_000,
  rmsMv: 0.4 * 10 ** ((row - 100) / 140),
}));
const png = Uint8Array.from(painter.draw({ samples }));
let readings = 0;
for (const left of [0, 200, 600])
  for (const high of [120, 400]) {
    digitize(blotted(png, [{ left, top: 0, wide: 400, high, grey: left % 251, noisy: true }]));
    readings++;
  }
console.log(JSON.stringify({ readings, mebibytes: Math.round(process.resourceUsage().maxRSS / 1024) }));
