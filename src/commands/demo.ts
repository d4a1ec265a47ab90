/** `demo`: the real server on a scratch tree, fed by a source of ours that draws plots from a synthetic tremor. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openApp, openServer, type App } from "../app.ts";
import { parseConfig, type Config } from "../config.ts";
import { createLog } from "../log.ts";
import { stitchPending } from "../jobs/stitch-pending.ts";
import { addDays, dayOf } from "../model/day.ts";
import { demoPlots, startDemoSource } from "../source/demo.ts";
import type { AddCommand, CommandContext } from "./context.ts";
import { startProgress } from "./progress.ts";
import { untilStopped } from "./until-stopped.ts";

/** Days that the archive has when the server starts; today's comes with its first run. */
const SEEDED_DAYS = 119;

/**
 * All that a demo takes from the environment: how it is reached and what it looks like. Whatever else is set there is
 * meant for the real archive, such as its backup, in whose place no synthetic plot must ever come.
 */
const TAKEN = [
  "HOST",
  "PORT",
  "PUBLIC_URL",
  "ADMIN_TOKEN",
  "READ_TOKEN",
  "CORS_ORIGINS",
  "TREMOR_MEDIUM_MV",
  "TREMOR_HIGH_MV",
  "LOG_LEVEL",
  "LOG_PRETTY",
];

/** @param scratch the demo's own folder @throws {CannotStart} when what it takes of the environment is wrong */
export function demoConfig(
  environment: CommandContext["environment"],
  { scratch, sourceUrl }: { scratch: string; sourceUrl: string },
): Config {
  return parseConfig({
    ...Object.fromEntries(TAKEN.map((name) => [name, environment[name]])),
    INGV_URL: sourceUrl,
    ARCHIVE_BASE_PATH: join(scratch, "archives"),
    CATALOG_PATH: join(scratch, "catalog.sqlite"),
    ARCHIVE_RETENTION_DAYS: String(SEEDED_DAYS + 1),
    ARCHIVE_CRON: "4-54/10 * * * *", // the tremor has a new sample every ten minutes
  });
}

export const add: AddCommand = (program, context) => {
  program
    .command("demo")
    .description("serve a full synthetic archive on a scratch tree, without internet")
    .action(async () => {
      const { environment, clock, say } = context;
      const stopped = untilStopped();
      const stopping = new AbortController();
      void stopped.then(() => stopping.abort());
      await using opened = new AsyncDisposableStack();
      const scratch = await mkdtemp(join(tmpdir(), "etna-archive-demo-"));
      opened.defer(() => rm(scratch, { recursive: true }));
      const source = opened.use(await startDemoSource({ clock }));
      const config = demoConfig(environment, { scratch, sourceUrl: source.url });
      const log = await createLog(config.log);
      log.warn({ synthetic: true }, "this is a demo: all of its plots are synthetic, none was measured");

      // Each seeded plot is kept at the time at which it would have been fetched.
      let seedingMs: number | undefined;
      const app = opened.use(
        await openApp(config, { clock: () => seedingMs ?? clock(), log: log.child({ synthetic: true }) }),
      );
      await seed(app, source.url, context, stopping.signal, (nowMs) => {
        seedingMs = nowMs;
      });
      if (stopping.signal.aborted) return;
      const server = opened.use(
        await openServer(app, config, {
          synthetic: true,
          onTokenMade: (token) => say(`The admin token of this run is ${token}`),
        }),
      );
      say(`A synthetic archive to look at: ${server.url}`);
      log.info({ signal: await stopped }, "stopping");
    });
};

async function seed(
  app: App,
  sourceUrl: string,
  context: CommandContext,
  signal: AbortSignal,
  setClock: (nowMs?: number) => void,
): Promise<void> {
  using progress = await startProgress("Drawing", context);
  const today = dayOf(context.clock());
  let done = 0;
  for await (const plot of demoPlots({ from: addDays(today, -SEEDED_DAYS), to: addDays(today, -1), sourceUrl })) {
    if (signal.aborted) return;
    setClock(plot.fetchedMs);
    const result = await app.job.keepPlot(dayOf(plot.fetchedMs), plot, { stitchLater: true });
    if (result.outcome === "FAILED") throw result.error;
    progress.update(++done, SEEDED_DAYS);
  }
  setClock(undefined);
  await stitchPending(app.catalog, { daysAtOnce: SEEDED_DAYS });
}
