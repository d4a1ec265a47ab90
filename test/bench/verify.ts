/**
 * `npm run bench:verify -- [--days 3650] [--rounds 5]`: how fast the command `verify` is, beside `sha256sum` over the
 * same files in the same run, turn by turn. The ratio is of the wall's time, on as many processors as there are;
 * processor time stands beside it, since machines are noisy.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { DIGITIZER_VERSION } from "../../src/digitizer/version.ts";
import { Day } from "../../src/model/day.ts";
import { scratchFolder } from "../support/scratch.ts";
import { readingOf } from "../support/verified-tree.ts";
import { writeDays } from "./many-days.ts";

const { values } = parseArgs({
  options: { days: { type: "string", default: "3650" }, rounds: { type: "string", default: "5" } },
});
const days = Number(values.days);

interface Took {
  wallMs: number;
  processorMs: number;
}

await using scratch = await scratchFolder();
const base = join(scratch.path, "archives");
// By the digitizer of today: what an older one read, `rebuild` would read again, and find nothing in these pictures.
const reading = (day: Day) => ({ ...readingOf(day), version: DIGITIZER_VERSION });
await writeDays(base, Day.parse("2016-01-01"), days, reading);
const environment = {
  ...process.env,
  ARCHIVE_BASE_PATH: base,
  CATALOG_PATH: join(scratch.path, "catalog.sqlite"),
  ARCHIVE_RETENTION_DAYS: "-1",
};
const main = fileURLToPath(new URL("../../src/start.js", import.meta.url));
const node = [process.execPath, "--disable-warning=ExperimentalWarning", main];
await run([...node, "rebuild"]); // the catalog as it is beside a server

const works = {
  sha256sum: () => run(["sh", "-c", `find "${base}" -type f -name 'etna_*' -print0 | xargs -0 sha256sum > /dev/null`]),
  verify: () => run([...node, "verify"], `${days} pictures and ${days} records of ${days} days; 0 remarks`),
};
const took: Record<keyof typeof works, Took[]> = { sha256sum: [], verify: [] };
for (let round = 0; round < Number(values.rounds); round++)
  for (const [name, work] of Object.entries(works)) took[name as keyof typeof works].push(await work());

const best = (name: keyof typeof works): Took => took[name].toSorted((a, b) => a.wallMs - b.wallMs)[0]!;
for (const name of ["sha256sum", "verify"] as const) {
  const { wallMs, processorMs } = best(name);
  console.log(
    `${name.padEnd(10)} ${seconds(wallMs)} s, processor ${seconds(processorMs)} s (the best of ${values.rounds})`,
  );
}
const ratios = took.sha256sum.map(({ wallMs }, round) => wallMs / took.verify[round]!.wallMs).toSorted((a, b) => a - b);
const percent = (ratio: number): string => `${Math.round(ratio * 100)} %`;
console.log(
  `verify of ${days} days on ${availableParallelism()} processors: ` +
    `${percent(best("sha256sum").wallMs / best("verify").wallMs)} of the speed of sha256sum, best by best; ` +
    `${percent(ratios[ratios.length >> 1]!)} in the median round`,
);

/** @param says what its last line on standard error must say */
async function run([command = "", ...args]: readonly string[], says = ""): Promise<Took> {
  const startMs = performance.now();
  const child = spawn("/usr/bin/time", ["-f", "%U %S", command, ...args], {
    env: environment,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, "close")) as [number];
  const wallMs = performance.now() - startMs;
  assert.equal(code, 0, said);
  assert.ok(said.includes(says), said.slice(-500));
  const [user = 0, system = 0] = said.trim().split("\n").at(-1)!.split(" ").map(Number);
  return { wallMs, processorMs: (user + system) * 1000 };
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2).padStart(6);
}
