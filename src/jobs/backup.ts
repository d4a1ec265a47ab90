/**
 * The backup job: brings the backup up to date, by schedule and by hand, with its row in the history.
 * Owns that one runs at a time here, and what is told of it; `mirror.ts` does the work.
 */
import { Cron } from "croner";
import { checkBackup, type CheckedBackup, type CheckOptions } from "../archive/check-backup.ts";
import type { Cipher, Decipher } from "../archive/age.ts";
import type { WhyMisplaced } from "../archive/archive.ts";
import type { BackupTarget } from "../archive/backup-target.ts";
import { hasManifests } from "../archive/known-manifests.ts";
import { mirror, type Mirrored, type MirrorOptions } from "../archive/mirror.ts";
import { lastExpiredDay } from "../archive/retention.ts";
import type { Store } from "../archive/store.ts";
import type { MaintenanceHistory, MaintenanceRun } from "../catalog/maintenance-runs.ts";
import type { RunTrigger } from "../catalog/runs.ts";
import { dayOf, type Day } from "../model/day.ts";
import { BackupMissing, ShutDown } from "../model/errors.ts";
import { CHECK_BEGUN, isBackupCheck, isStopped, listBackups } from "./backup-runs.ts";
import { findLost } from "./find-missing.ts";
import type { Leadership } from "./leadership.ts";
import { lastBackupTo, placeOf, rememberBackup, type LastBackupParts } from "./last-backup.ts";
import { asMaintenance, type MaintenanceParts, type MaintenanceSummary } from "./maintenance.ts";

export interface BackupParts extends MaintenanceParts {
  catalog: MaintenanceParts["catalog"] & Pick<MaintenanceHistory, "lastBackupTo" | "rememberBackup">;
  store: Store;
  target: BackupTarget;
  cipher: Cipher | undefined;
  decipher?: Decipher | undefined;
  /** As the archive's own. */
  whyMisplaced?: WhyMisplaced | undefined;
  /** As of the target's own; and what hears of sources that only they know. */
  copies?: MirrorOptions["copies"];
  mendSource?: MirrorOptions["mendSource"];
  policy: { retentionDays: number; keepSeries: boolean };
}

export interface BackupOptions {
  /** Let go of what retention took from the archive, too. */
  prune?: boolean;
  /** Begin another backup where the one that was made is gone. */
  startNew?: boolean;
  /** Keys of the target to send again, such as those that a check found damaged. */
  suspects?: ReadonlySet<string>;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

export interface BackedUp extends Mirrored {
  run: MaintenanceRun;
}

/** Closing it ends a backup that is under way between two files; what was sent counts the next time. */
export interface BackupJob extends AsyncDisposable {
  /**
   * Backs up now, or joins the backup that is under way; one that is to prune waits until one that isn't has ended.
   * @throws {StoreFailed} @throws {BackupMissing} @throws {ShutDown}
   */
  backUp(trigger: RunTrigger, options?: BackupOptions): Promise<BackedUp>;
}

export function createBackupJob(parts: BackupParts): BackupJob {
  const { store, target, cipher, decipher, whyMisplaced, copies, mendSource, policy, clock } = parts;
  const stopping = new AbortController();
  let underWay: { prune: boolean; ended: Promise<BackedUp> } | undefined;

  async function run(
    trigger: RunTrigger,
    { prune = false, startNew = false, suspects, signal, onProgress }: BackupOptions,
    before: Promise<unknown> | undefined,
  ) {
    await before?.catch(() => {}); // whoever asked for it hears of it
    const either = signal === undefined ? stopping.signal : AbortSignal.any([stopping.signal, signal]);
    const work = async (): Promise<Mirrored> => {
      if (!startNew) await refuseWhereGone();
      const { keepSeries, retentionDays } = policy;
      const expired = lastExpiredDay(dayOf(clock()), retentionDays);
      const mirrored = await mirror(store, target, {
        cipher,
        decipher,
        whyMisplaced,
        copies,
        mendSource,
        clock,
        signal: either,
        onProgress,
        findLost: (there, kept) => findLost(there, kept, { today: dayOf(clock()), expired, keepSeries }),
        ...(prune && { prune: { upTo: expired, keepSeries } }),
        ...(suspects && { suspects }),
      });
      rememberBackup(parts, clock());
      return mirrored;
    };
    const known = { place: placeOf(target) };
    const ended = await asMaintenance("BACKUP", trigger, parts, work, (done) => summarize(done, suspects), known);
    return { ...ended.result, run: ended.run };
  }

  /** A new backup in an empty folder where another was would fill the disk below. */
  async function refuseWhereGone(): Promise<void> {
    const lastDay = await findGone(parts);
    if (lastDay !== undefined) throw new BackupMissing(lastDay);
  }

  return {
    backUp(trigger, options = {}) {
      const { prune = false } = options;
      if (underWay !== undefined && (underWay.prune || !prune)) return underWay.ended;
      const mine = { prune, ended: run(trigger, options, underWay?.ended) };
      underWay = mine;
      return mine.ended.finally(() => {
        if (underWay === mine) underWay = undefined;
      });
    },
    async [Symbol.asyncDispose]() {
      stopping.abort(new ShutDown("The program is stopping; what was backed up stays"));
      await underWay?.ended.catch(() => {});
    },
  };
}

/** The day of the last backup to a place that has lost it, such as an empty folder on which its disk was mounted. */
export async function findGone(parts: LastBackupParts): Promise<Day | undefined> {
  const lastMs = lastBackupTo(parts);
  return lastMs === undefined || (await hasManifests(parts.target)) ? undefined : dayOf(lastMs);
}

function summarize({ problems, ...mirrored }: Mirrored, suspects: ReadonlySet<string> = new Set()): MaintenanceSummary {
  const { files, bytes, sentFiles, sentBytes, unchangedFiles, keptFiles, prunedFiles } = mirrored;
  const looked = suspects.size > 0 && { suspects: suspects.size };
  const counts = { files, bytes, sentFiles, sentBytes, unchangedFiles, keptFiles, prunedFiles, ...looked };
  const pruned = prunedFiles === 0 ? "" : `, ${prunedFiles} let go`;
  const first =
    problems[0] === undefined
      ? ""
      : `; ${problems.length === 1 ? "a problem" : `${problems.length} problems`}: ${problems[0].key}: ${problems[0].message}`;
  return {
    problems: problems.length > 0,
    summary: `${sentFiles} files sent${pruned}, ${files} are backed up${first}`,
    counts: { ...counts, problems: problems.length },
  };
}

/** Proves the backup, and says so in the history. @throws {StoreFailed} when it can't be listed */
export async function checkBackupAsRun(
  { target, ...parts }: MaintenanceParts & { target: BackupTarget },
  options: CheckOptions,
): Promise<CheckedBackup> {
  const { result } = await asMaintenance(
    "BACKUP",
    "COMMAND",
    parts,
    () => checkBackup(target, options),
    (checked) => ({
      problems: checked.problems.length > 0,
      summary: `${checked.files} files of the backup checked, ${checked.problems.length} with problems`,
      counts: { checkedFiles: checked.files, checkedBytes: checked.bytes, problems: checked.problems.length },
    }),
    { place: placeOf(target), counts: CHECK_BEGUN },
  );
  return result;
}

/**
 * Starts the schedule, with a backup at once when the last due one was missed, or stopped. @param pattern UTC; `undefined`: none
 */
export function startBackupSchedule({
  pattern,
  job,
  catalog,
  clock,
  log,
  isInCharge = () => true,
  leadership,
  place,
}: Pick<MaintenanceParts, "clock" | "log"> & {
  /** Where servers share a store: is this the one that backs it up now? */
  isInCharge?: () => boolean;
  /** Where they elect it: none leads yet when it starts. */
  leadership?: Pick<Leadership, "onElected"> | undefined;
  pattern: string | undefined;
  /** Of the job's target: a backup elsewhere makes up for none. */
  place: string;
  job: Pick<BackupJob, "backUp">;
  catalog: Pick<MaintenanceHistory, "listMaintenance">;
}): Disposable {
  if (pattern === undefined) return { [Symbol.dispose]() {} };
  // A failure is in the history and in the log already.
  async function backUp(trigger: RunTrigger): Promise<void> {
    if (isInCharge()) await job.backUp(trigger).catch(() => {});
  }
  const cron = new Cron(pattern, { timezone: "UTC", protect: true, unref: true }, () => backUp("SCHEDULE"));
  async function catchUp(): Promise<void> {
    if (cron.isStopped() || !isInCharge()) return;
    const [lastDue] = cron.previousRuns(1, new Date(clock()));
    // One that was killed isn't begun again, or it would be the end of each start; tonight's comes.
    const lastRun = listBackups(catalog, place).find((run) => !isBackupCheck(run) && !isStopped(run));
    if (lastDue === undefined || (lastRun?.startedMs ?? 0) >= lastDue.getTime()) return;
    log.info({ lastDue }, "a backup was missed; it is made now");
    await backUp("STARTUP");
  }
  const lookWhetherMissed = (): void =>
    void catchUp().catch((error: unknown) =>
      log.error({ err: error }, "nobody could look whether a backup was missed"),
    );
  lookWhetherMissed();
  leadership?.onElected(lookWhetherMissed);
  return { [Symbol.dispose]: () => cron.stop() };
}
