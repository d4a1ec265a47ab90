/**
 * The app: the one place that puts the parts together, opens them and closes them last first.
 * `openApp` is what every command needs; `openServer` adds what only a server does: schedule, following, listening.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import packageJson from "../package.json" with { type: "json" };
import type { Listening } from "./api/listen.ts";
import type { Archive, WhyMisplaced } from "./archive/archive.ts";
import { createArchive } from "./archive/create-archive.ts";
import { createFileChanges } from "./archive/fs-changes.ts";
import type { Store } from "./archive/store.ts";
import { openCatalog, type Catalog } from "./catalog/catalog.ts";
import type { Config } from "./config.ts";
import { openOutbox, outboxPathOf } from "./jobs/alert-outbox.ts";
import { createArchiveJob, type ArchiveJob, type ArchiveJobParts } from "./jobs/archive-now.ts";
import { startBackupSchedule } from "./jobs/backup.ts";
import { createCleanups } from "./jobs/cleanup.ts";
import { EACH_FIVE_SECONDS, EACH_MINUTE, startCron } from "./jobs/cron.ts";
import { createDigitizer, openThreadedDigitizer } from "./jobs/digitizer.ts";
import { whyNotBelowDisk } from "./jobs/emptied.ts";
import { learnNames } from "./jobs/follow-tree.ts";
import { openGlanceThread } from "./jobs/glance-thread.ts";
import { startFollowing } from "./jobs/keep-following.ts";
import { createLastRuns, type LastRuns } from "./jobs/last-runs.ts";
import { startLeadership, type Leadership } from "./jobs/leadership.ts";
import { startReadingWaiting } from "./jobs/read-waiting.ts";
import { createSchedule } from "./jobs/scheduler.ts";
import { createMisplacedJudge } from "./jobs/misplaced.ts";
import { createVerifyJob, type VerifyJob } from "./jobs/verify.ts";
import { createEpisodeWatch } from "./jobs/watch-episodes.ts";
import { startWatching } from "./jobs/watch-failures.ts";
import { addDays, dayOf } from "./model/day.ts";
import { CannotStart, KnownError } from "./model/errors.ts";
import { findCopies, openBackup } from "./open-backup.ts";
import { openStore, type Outside } from "./open-store.ts";
import { isInBucket, nameOfTree } from "./places.ts";
import { createIngvSource } from "./source/ingv.ts";

export const VERSION: string = packageJson.version;

export interface App extends AsyncDisposable {
  /** Where the archive's files are, for who copies them as they are. */
  store: Store;
  archive: Archive;
  catalog: Catalog;
  job: ArchiveJob;
  verify: VerifyJob;
  /** What the jobs of `jobs/` need. */
  parts: ArchiveJobParts & { whyMisplaced: WhyMisplaced; lastRuns: LastRuns };
}

/**
 * The archive alone, for who needs no catalog. It holds nothing open.
 * @throws {CannotStart} when its store isn't there, or may not be read
 */
export async function openArchive(config: Config, outside: Outside): Promise<Archive> {
  const whyMisplaced = createMisplacedJudge({ digitizer: createDigitizer(), log: outside.log });
  return createArchive(await openStore(config, outside), { whyMisplaced });
}

/** @throws {StoreFailed} when the tree or the catalog can't be opened @throws {CannotStart} when there is no such store */
export async function openApp(config: Config, outside: Outside): Promise<App> {
  const { clock, log } = outside;
  await using opened = new AsyncDisposableStack();
  const { retentionDays, keepSeries, compress } = config.archive;
  const store = await openStore(config, outside);
  const catalog = opened.use(openCatalog(config.catalogPath, nameOfTree(config)));
  const source = createIngvSource({ url: config.ingvUrl, version: VERSION, clock });
  // On a thread of its own: a plot that is hard to read takes a second, and nobody who asks should wait for that.
  const digitizer = opened.use(openThreadedDigitizer(1));
  const whyMisplaced = createMisplacedJudge({ digitizer, catalog, log });
  const copies = config.backup.to === undefined ? undefined : await findCopies(config, { catalog, log });
  const archive: Archive = createArchive(store, {
    compress,
    whyMisplaced,
    copies,
    clock,
    whyGone: () => whyNotBelowDisk({ archive, catalog }),
  });
  const policy = { retentionDays, keepSeries };
  const lastRuns = createLastRuns({ catalog, log });
  const settings = { sourceUrl: config.ingvUrl, policy };
  const parts = { source, archive, catalog, clock, log, digitizer, whyMisplaced, lastRuns, ...settings };
  const job = opened.use(createArchiveJob(parts));
  const mayThread = (outside.eager ?? false) && !isInBucket(config);
  const openThread = mayThread ? () => openGlanceThread(config.archive.basePath) : undefined;
  const verify = opened.use(createVerifyJob({ ...parts, copies, openThread }));
  const owned = opened.move(); // nothing below can fail, so from here the app does the closing
  return { store, archive, catalog, job, verify, parts, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

export interface ServerOptions {
  /** The plots are drawn from a made-up tremor. */
  synthetic?: boolean;
  /** Where the built web page lies; default: where `npm run prepare` puts it. */
  webFolder?: string;
  /** Called with the admin token when none was configured and one was made. */
  onTokenMade?: (adminToken: string) => void;
}

export interface Server extends Listening {
  /** Where servers share a store, and elect who fetches. */
  leadership: Leadership | undefined;
}

/** Opens the app's server: it answers when the promise resolves. @throws {StoreFailed} @throws {CannotStart} when it can't listen */
export async function openServer(app: App, config: Config, options: ServerOptions = {}): Promise<Server> {
  const { archive, catalog, job, verify, parts } = app;
  const { shared, signUrl } = app.store;
  const { clock, log } = parts;
  await using opened = new AsyncDisposableStack();
  // Reads the base: a tree that can't be served ends the start here, before anything listens.
  await Array.fromAsync(archive.list({ from: dayOf(clock()), to: dayOf(clock()) }));
  // A catalog that knows no archive yet would answer that there are none, so it learns their names first.
  if (catalog.totals().archives === 0) await learnNames(parts);
  catalog.closeLostRuns(clock());
  warnOfRetention(app, config);
  // Half of the program's start is GraphQL's: commands that serve nothing don't wait for it.
  const [{ createHandler }, { listen }] = await Promise.all([import("./api/handler.ts"), import("./api/listen.ts")]);
  const adminToken = config.adminToken ?? randomBytes(24).toString("base64url");

  const closing = new AbortController();
  const episodes = createEpisodeWatch(parts);
  opened.defer(job.onArchived(episodes.look));
  const leadership = await standForElection(app, config, opened);
  // Of servers that share a store, one is enough for what is done for all.
  const isInCharge = (): boolean =>
    app.store.shared === undefined || (leadership?.isLeader() ?? config.scheduler === "always");
  const pattern = config.scheduler === "never" ? undefined : config.cron;
  const schedule = opened.use(createSchedule({ pattern, job, archive, catalog, clock, log, leadership }));
  const { bytesPerSecond } = config.verify;
  let followedMs: number | undefined;
  let storeProblem: string | undefined;
  const backup = config.backup.to === undefined ? undefined : await openBackup(app, config);
  if (backup !== undefined) opened.use(backup.job);
  const cleanups = opened.use(createCleanups(parts, closing.signal));
  const handler = createHandler({
    archive,
    catalog,
    job,
    schedule,
    episodes,
    verify: ({ repair }) => verify.verify("ADMIN", { repair, bytesPerSecond }),
    signPictureUrl: config.s3.presign ? signUrl : undefined,
    cluster: shared && {
      server: config.serverName,
      leadership,
      followedMs: () => followedMs,
      storeProblem: () => storeProblem,
    },
    cleanUp: cleanups.cleanUp,
    backupPlace: backup?.place,
    backUp: backup && ((options) => backup.job.backUp("ADMIN", options)),
    clock,
    log,
    closing: closing.signal,
    settings: {
      version: VERSION,
      synthetic: options.synthetic ?? false,
      storeKind: isInBucket(config) ? "s3" : "file",
      retentionDays: config.archive.retentionDays,
      displayBase: config.archive.displayBase,
      publicUrl: config.publicUrl,
      adminToken,
      readToken: config.readToken,
      corsOrigins: config.corsOrigins,
      levels: config.levels,
      webFolder: options.webFolder ?? join(import.meta.dirname, "../dist"),
    },
  });
  const listening = opened.use(await listen(handler, { host: config.host, port: config.port, log }));
  opened.defer(() => {
    closing.abort();
    job.stop();
  });
  // From here on things happen by themselves: a server that couldn't listen has begun none of them.
  catalog.closeLostMaintenance();
  schedule.start();
  const verifyByItself = async (): Promise<void> => {
    if (isInCharge()) await verify.verify("SCHEDULE", { bytesPerSecond });
  };
  opened.use(startCron(config.verify.cron, verifyByItself, log));
  if (backup !== undefined)
    opened.use(
      startBackupSchedule({ ...backup, pattern: config.backup.cron, isInCharge, leadership, catalog, clock, log }),
    );
  const outbox = opened.use(
    await openOutbox({ path: outboxPathOf(config.catalogPath), url: config.alerts.webhookUrl, version: VERSION, log }),
  );
  opened.use(
    startWatching({
      ...parts,
      ...parts.policy,
      isInCharge,
      backupPlace: backup?.place,
      // Beside one that never stands for election there may be one that fetches without.
      leadership: config.scheduler === "elect" ? leadership : undefined,
      outbox,
      isScheduled: pattern !== undefined,
    }),
  );
  // Beside the one that reads what arrives, so that no plot waits behind an old one.
  const background = opened.use(openThreadedDigitizer(1, { inBackground: true }));
  const waiting = opened.use(startReadingWaiting({ ...parts, digitizer: background }));
  function onFollowed(): void {
    followedMs = clock();
    storeProblem = undefined;
    episodes.look();
    if (isInCharge()) waiting.wake();
  }
  function onFailed(error: unknown): void {
    storeProblem = error instanceof KnownError ? error.message : "The store could not be followed";
  }
  const changes = shared?.changes ?? createFileChanges(config.archive.basePath);
  const toTell = shared && { onPicture: job.announce };
  const pace = shared === undefined ? EACH_MINUTE : EACH_FIVE_SECONDS;
  opened.use(startFollowing({ ...parts, ...toTell, changes, onFollowed, onFailed }, pace));
  if (config.adminToken === undefined) options.onTokenMade?.(adminToken);
  const owned = opened.move();
  return { url: listening.url, leadership, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/**
 * A server on a store that others may share is one of several: who of them fetches is elected.
 * @throws {CannotStart} when the store can't elect one
 */
async function standForElection(
  { store: { shared }, parts: { log } }: App,
  { scheduler, serverName }: Config,
  opened: AsyncDisposableStack,
): Promise<Leadership | undefined> {
  if (shared === undefined || scheduler === "always") return undefined;
  const parts = { lease: shared.leadership, server: serverName, log };
  if (scheduler === "never") return opened.use(startLeadership({ ...parts, stands: false }));
  const problem = await shared.whyNoElection();
  if (problem !== undefined)
    throw new CannotStart(
      `Cannot be one of several servers on this store: ${problem}; set SCHEDULER=always on the one server that fetches, and never on others`,
    );
  return opened.use(startLeadership(parts));
}

/** Whoever points the server at an old tree should hear of it before the first cleanup. */
function warnOfRetention({ catalog, parts: { clock, log, policy } }: App, { cron }: Config): void {
  if (policy.retentionDays === -1 || cron === undefined) return;
  const days = catalog.countDays({ to: addDays(dayOf(clock()), -policy.retentionDays) });
  const numbers = policy.keepSeries ? "their numbers are read before, and stay" : "with all that is known of them";
  if (days > 0)
    log.warn({ days, ...policy }, `the next archived plot lets the pictures of these days go as too old, ${numbers}`);
}
