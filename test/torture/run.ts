/** `npm run torture -- [--processes 8] [--saves 200] [--kills 300]`: the long form of what the suite does in short. */
import { parseArgs } from "node:util";
import { killedWriters, manyWriters, writersKilledAtEachCall } from "./writers.ts";

const { values } = parseArgs({
  options: {
    processes: { type: "string", default: "8" },
    saves: { type: "string", default: "200" },
    kills: { type: "string", default: "300" },
  },
});

const tortures: Record<string, () => Promise<object>> = {
  "many writers": () => manyWriters({ processes: Number(values.processes), saves: Number(values.saves) }),
  "killed at each call": () => writersKilledAtEachCall(),
  "killed at random": () => killedWriters({ kills: Number(values.kills) }),
};
for (const [name, torture] of Object.entries(tortures)) {
  const startMs = performance.now();
  const figures = Object.entries(await torture()).map(([what, count]) => `${what} ${count}`);
  console.log(`${name}: whole. ${figures.join(", ")}; ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
}
