/**
 * What the API is handed: the parts that it asks, and the few settings that its answers show.
 * Owns the list only; `app` fills it in.
 */
import type { Logger } from "pino";
import type { Archive, CleanedUp } from "../archive/archive.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { MaintenanceRun } from "../catalog/maintenance-runs.ts";
import type { ArchiveJob } from "../jobs/archive-now.ts";
import type { BackedUp } from "../jobs/backup.ts";
import type { EpisodeWatch } from "../jobs/watch-episodes.ts";
import type { Leadership } from "../jobs/leadership.ts";
import type { Verified } from "../jobs/verified.ts";
import type { Schedule } from "../jobs/scheduler.ts";

export interface Services {
  archive: Pick<Archive, "get" | "survey" | "isUntouched" | "checkWritable" | "freeBytes">;
  catalog: Catalog;
  job: Pick<ArchiveJob, "archiveNow" | "onArchived">;
  schedule: Pick<Schedule, "pattern" | "nextRunMs" | "successDueSinceMs">;
  episodes: Pick<EpisodeWatch, "onChange">;
  /** @throws {StoreFailed} @throws {ShutDown} */
  verify(options: { repair: boolean }): Promise<{ run: MaintenanceRun; verified: Verified }>;
  /** Where clients fetch pictures from the store itself: a URL of one, good for so long. */
  signPictureUrl?: ((key: string, seconds: number) => Promise<string>) | undefined;
  /** Absent where no other server can share the store. */
  cluster?: Cluster | undefined;
  /** @throws {StoreFailed} */
  cleanUp(options: { retentionDays?: number | undefined; dryRun: boolean }): Promise<CleanedUp>;
  /** `undefined` where no backup is set up. @throws {StoreFailed} @throws {ShutDown} */
  backUp: ((options: { prune: boolean }) => Promise<BackedUp>) | undefined;
  /** Which of the backups in the history are of it; `undefined` where none is set up. */
  backupPlace?: string | undefined;
  /** Milliseconds since 1970. */
  clock: () => number;
  log: Logger;
  /** Aborted when the server is being stopped, so that answers without an end get one. */
  closing: AbortSignal;
  settings: ApiSettings;
}

/** This server among those that share its store. */
export interface Cluster {
  server: string;
  /** Absent where nobody is elected. */
  leadership: Pick<Leadership, "leader" | "isLeader" | "epoch"> | undefined;
  /** When this server last looked what others wrote, ms since 1970; `undefined` until the first look. */
  followedMs(): number | undefined;
  /** Why that fails now, in words; `undefined` when it doesn't. */
  storeProblem(): string | undefined;
}

export interface ApiSettings {
  version: string;
  /** Are the plots drawn from a made-up tremor? */
  synthetic: boolean;
  storeKind: string;
  retentionDays: number;
  /** What `path` starts with: the base path when that is relative, else its last folder's name. */
  displayBase: string;
  /** Base of the absolute URLs that are handed out; `undefined`: where the request was sent. */
  publicUrl: string | undefined;
  adminToken: string;
  /** When set, whoever reads needs it too. */
  readToken: string | undefined;
  corsOrigins: readonly string[];
  /** From where on the tremor is called MEDIUM and HIGH, mV. */
  levels: { mediumMv: number; highMv: number };
  /** Where the built web page lies, if it is built. */
  webFolder: string;
}
