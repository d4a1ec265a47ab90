/**
 * `npm run torture -- [PART...] [--processes 8] [--saves 200] [--kills 300] [--bitrot 1000]`: the long form of what the
 * suite does in short. PART: a part of a torture's name, such as `bit rot`; default: all of them.
 */
import { parseArgs } from "node:util";
import { bitrotInCatalog, bitrotInFiles } from "./bitrot.ts";
import { everyStepFails, fullDisk } from "./faults.ts";
import { killedWriters, manyWriters, writersKilledAtEachCall } from "./writers.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    processes: { type: "string", default: "8" },
    saves: { type: "string", default: "200" },
    kills: { type: "string", default: "300" },
    bitrot: { type: "string", default: "1000" },
  },
});

const tortures: Record<string, () => Promise<object>> = {
  "many writers": () => manyWriters({ processes: Number(values.processes), saves: Number(values.saves) }),
  "killed at each call": () => writersKilledAtEachCall(),
  "killed at random": () => killedWriters({ kills: Number(values.kills) }),
  "every step fails once": () => everyStepFails(),
  "a full disk": () => fullDisk(),
  "bit rot in files": () => bitrotInFiles({ flips: Number(values.bitrot) }),
  "bit rot in the catalog": () => bitrotInCatalog({ flips: Math.ceil(Number(values.bitrot) / 5) }),
};
for (const [name, torture] of Object.entries(tortures)) {
  if (positionals.length > 0 && !positionals.some((part) => name.includes(part))) continue;
  const startMs = performance.now();
  const figures = Object.entries(await torture()).map(([what, count]) => `${what} ${count}`);
  console.log(`${name}: whole. ${figures.join(", ")}; ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
}
