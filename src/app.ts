/**
 * The app: the one place that puts the parts together, opens them and closes them last first.
 */
import { resolve } from "node:path";
import type { Logger } from "pino";
import packageJson from "../package.json" with { type: "json" };
import type { Archive } from "./archive/archive.ts";
import { createArchive } from "./archive/create-archive.ts";
import { createFsStore } from "./archive/fs-store.ts";
import { openCatalog, type Catalog } from "./catalog/catalog.ts";
import type { Config } from "./config.ts";
import { createArchiveJob, type ArchiveJob, type ArchiveJobParts } from "./jobs/archive-now.ts";
import { createDigitizer } from "./jobs/digitizer.ts";
import { createIngvSource } from "./source/ingv.ts";

export const VERSION: string = packageJson.version;

/** What the app can't make itself. */
export interface Outside {
  clock: () => number;
  log: Logger;
}

export interface App extends AsyncDisposable {
  archive: Archive;
  catalog: Catalog;
  job: ArchiveJob;
  /** What the jobs of `jobs/` need. */
  parts: ArchiveJobParts;
}

/** @throws {StoreFailed} when the tree or the catalog can't be opened */
export async function openApp(config: Config, { clock, log }: Outside): Promise<App> {
  await using opened = new AsyncDisposableStack();
  const { basePath, compress, retentionDays, keepSeries } = config.archive;
  const store = createFsStore({
    basePath,
    clock,
    onSkipped: (skipped) => log.warn(skipped, "passing over what isn't an archive"),
  });
  const archive = createArchive(store, { compress, clock });
  const catalog = opened.use(openCatalog(config.catalogPath, resolve(basePath)));
  const source = createIngvSource({ url: config.ingvUrl, version: VERSION, clock });
  const digitizer = createDigitizer();
  const policy = { retentionDays, keepSeries };
  const parts = { source, archive, catalog, clock, log, digitizer, sourceUrl: config.ingvUrl, policy };
  const job = opened.use(createArchiveJob(parts));
  const owned = opened.move(); // nothing below can fail, so from here the app does the closing
  return { archive, catalog, job, parts, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
