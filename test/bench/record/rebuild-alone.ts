/** Rebuilds a catalog in a process of its own, so that its time and its memory are its own; tells them as JSON. */
import { pino } from "pino";
import { createArchive } from "../../../src/archive/create-archive.ts";
import { createFsStore } from "../../../src/archive/fs-store.ts";
import { openCatalog } from "../../../src/catalog/catalog.ts";
import { openThreadedDigitizer } from "../../../src/jobs/digitizer.ts";
import { rebuild } from "../../../src/jobs/rebuild.ts";

export interface RebuiltAlone {
  days: number;
  problems: number;
  seconds: number;
  /** Of all its threads. */
  cpuSeconds: number;
  /** The most memory that the process ever held. */
  peakMiB: number;
}

const [basePath, catalogPath] = process.argv.slice(2) as [string, string];
const startedMs = performance.now();
const archive = createArchive(createFsStore({ basePath }));
using catalog = openCatalog(catalogPath);
await using digitizer = openThreadedDigitizer();
const { days, problems } = await rebuild(
  { archive, catalog, digitizer, log: pino({ level: "silent" }) },
  { concurrency: digitizer.atOnce },
);
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
const told: RebuiltAlone = {
  days,
  problems: problems.length,
  seconds: (performance.now() - startedMs) / 1000,
  cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
  peakMiB: maxRSS / 1024,
};
console.log(JSON.stringify(told));
