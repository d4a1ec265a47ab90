/** A small archive with its catalog, whole and known to be so, for tests that damage it. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import type { Archive } from "../../src/archive/archive.ts";
import type { Copies } from "../../src/archive/copies.ts";
import { createArchive } from "../../src/archive/create-archive.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { openCatalog, type Catalog } from "../../src/catalog/catalog.ts";
import { followTree } from "../../src/jobs/follow-tree.ts";
import type { VerifyParts } from "../../src/jobs/verified.ts";
import { addDays, Day, daysBetween } from "../../src/model/day.ts";
import type { Digitization } from "../../src/model/plot.ts";
import { samplePlot } from "./sample-plot.ts";
import { sampleReading } from "./sample-reading.ts";
import { scratchFolder } from "./scratch.ts";

const READING_DAY = Day.parse("2025-11-04");
const DAY_MS = 86_400_000;

export interface VerifiedTree extends AsyncDisposable {
  basePath: string;
  catalogPath: string;
  archive: Archive;
  catalog: Catalog;
  parts: VerifyParts;
  days: Day[];
  /** Closes the catalog, lets it be damaged, and opens it again. */
  reopenCatalog(damage?: () => Promise<void>): Promise<void>;
}

/** What the plot of a day shows: the same tremor in all of them. */
export function readingOf(day: Day): Digitization {
  const shiftMs = daysBetween(READING_DAY, day) * DAY_MS;
  const reading = sampleReading();
  const samples = reading.samples.map((sample) => {
    const timeMs = sample.timeMs + shiftMs;
    const rmsMv = Number((1 + 0.5 * Math.sin(timeMs / 2e7)).toPrecision(6));
    return { ...sample, timeMs, rmsMv, clipped: false };
  });
  return { ...reading, samples, gaps: [], joins: [] };
}

/** @param count of days from 1 November 2025 on; every third is gzipped */
export async function openVerifiedTree(count = 3, copies?: Copies): Promise<VerifiedTree> {
  await using opened = new AsyncDisposableStack();
  const scratch = opened.use(await scratchFolder());
  const basePath = join(scratch.path, "archives");
  const catalogPath = join(scratch.path, "catalog.sqlite");
  const clock = (): number => Date.now();
  const archive = createArchive(createFsStore({ basePath, clock }), { clock });
  const log = pino({ level: "silent" });
  const days = Array.from({ length: count }, (_, at) => addDays(Day.parse("2025-11-01"), at));
  for (const [at, day] of days.entries())
    await archive.save(day, samplePlot(day, `${day}T12:00:00Z`), { compress: at % 3 === 2, reading: readingOf(day) });

  let catalog = openCatalog(catalogPath);
  opened.defer(() => catalog[Symbol.dispose]());
  const digitizer = {
    version: 1,
    read: async (_png: Uint8Array, fetchedMs: number) =>
      readingOf(Day.parse(new Date(fetchedMs).toISOString().slice(0, 10))),
  };
  const tree = {
    basePath,
    catalogPath,
    archive,
    get catalog() {
      return catalog;
    },
    get parts(): VerifyParts {
      return { archive, catalog, log, clock, digitizer, copies, policy: { retentionDays: -1, keepSeries: true } };
    },
    days,
    async reopenCatalog(damage?: () => Promise<void>) {
      catalog[Symbol.dispose]();
      await damage?.();
      catalog = openCatalog(catalogPath);
    },
  };
  await followTree(tree.parts);
  const owned = opened.move();
  return Object.assign(Object.defineProperties({}, Object.getOwnPropertyDescriptors(tree)) as typeof tree, {
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  });
}

/** Copies in a plain folder that is laid out as the archive is. */
export function folderCopies(folder: string): Copies {
  return {
    async listKept() {
      const names = await readdir(folder, { recursive: true });
      return names
        .flatMap((name) => /(\d{4})(\d\d)(\d\d)\.json$/.exec(name)?.slice(1).join("-") ?? [])
        .sort()
        .map((day) => ({ day: Day.parse(day) }));
    },
    async findCopy(key) {
      try {
        return new Uint8Array(await readFile(join(folder, key)));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
  };
}
