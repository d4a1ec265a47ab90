/**
 * Alerts: what counts as a failure that someone must hear of, and when its state changes.
 * Rules only, pure functions of what is known; `watch-failures.ts` asks, and `alert-outbox.ts` tells.
 */
import type { MaintenanceRun } from "../catalog/maintenance-runs.ts";
import type { Day } from "../model/day.ts";
import { isBackupCheck } from "./backup-runs.ts";

export type AlertKind =
  | "RUNS_FAILING" // no plot could be archived for six hours
  | "DAY_MISSED" // a day ended without an archive
  | "DAMAGE_FOUND" // the last verification found damage
  | "VERIFY_FAILED" // the last verification could not go on
  | "BACKUP_FAILED" // the last backup or check of it failed, or left something out
  | "DISK_FILLING" // less than a week of room at the present rate
  | "NO_LEADER"; // of servers that share a bucket, none could be elected for six hours: nothing happens by itself then

/** What is known right now. */
export interface Facts {
  nowMs: number;
  /** Runs that failed since the last one that succeeded. `undefined`: none, or nothing runs by itself. */
  failing: { sinceMs: number; reason: string } | undefined;
  /** Has the last run that fetched succeeded, or one since it fires? Not where none is known, as after the history is lost. */
  hasSucceeded: boolean;
  /** The day that ended last; `undefined` where nothing can be asked of it. */
  lastDay: { day: Day; isArchived: boolean } | undefined;
  /** The last that ended; `undefined` when there was none. */
  verification: MaintenanceRun | undefined;
  /** Those that tell whether the backup is as it should be, the newest first; none when there was none. */
  backups: readonly MaintenanceRun[];
  /** `undefined` where the store can't say. */
  disk: { freeBytes: number; bytesPerDay: number } | undefined;
  /** As this server, of those that elect who fetches, sees it; `undefined` where none is elected. */
  election: { server: string; leader: string } | { server: string; unledSinceMs: number } | undefined;
}

/** How one alert stands. */
export interface AlertState {
  isFiring: boolean;
  sinceMs: number;
  /** While it fires, how much is wrong, where that can grow: what nobody can mend must hide nothing that is new. */
  extent?: number | undefined;
}

export type AlertStates = Partial<Record<AlertKind, AlertState>>;

export interface AlertChange {
  kind: AlertKind;
  state: "FIRING" | "RESOLVED";
  /** Since when it fires, or had fired. */
  sinceMs: number;
  atMs: number;
  /** A sentence for people. */
  text: string;
}

const FAILING_FOR_MS = 6 * 3_600_000;
const ROOM_DAYS = 7;
/** Once it fires it needs some more room to be well again, or a disk at the edge would tell every minute. */
const WELL_AGAIN_DAYS = 8;

/** What an alert should be; `undefined` where nothing is known of it, and it stays as it is. */
type Verdict = (AlertState & { text: string }) | undefined;
type Rule = (facts: Facts, state: AlertState | undefined) => Verdict;

const RULES: Record<AlertKind, Rule> = {
  RUNS_FAILING({ nowMs, failing, hasSucceeded }, state) {
    if (hasSucceeded) return well(nowMs, "plots are archived again");
    // Once it fires, nothing but a success ends it: a clock that is set back makes no failure younger.
    const isDue = failing !== undefined && nowMs - failing.sinceMs >= FAILING_FOR_MS;
    if (!isDue || state?.isFiring) return undefined;
    return { isFiring: true, sinceMs: failing.sinceMs, text: `No plot was archived for six hours: ${failing.reason}` };
  },
  DAY_MISSED({ nowMs, lastDay }) {
    if (lastDay === undefined) return undefined;
    if (lastDay.isArchived) return well(nowMs, `${lastDay.day} has its archive`);
    return { isFiring: true, sinceMs: nowMs, text: `${lastDay.day} ended without an archive` };
  },
  DAMAGE_FOUND({ nowMs, verification }, state) {
    // Damage that the backup alone tells of isn't seen where that can't be asked, and no news once it can be again.
    const isAsked = verification?.counts["unasked"] === undefined;
    if (verification?.outcome === "PROBLEMS") {
      const found = firing(verification, nowMs, `The verification found damage: ${verification.summary}`);
      return isAsked ? found : { ...found, extent: Math.max(found.extent!, state?.extent ?? 0) };
    }
    if (verification?.outcome !== "DONE" || !isAsked) return undefined;
    return well(nowMs, "the verification found nothing wrong");
  },
  VERIFY_FAILED({ nowMs, verification }) {
    if (verification === undefined || verification.errorCode === "SHUTDOWN") return undefined;
    if (verification.outcome !== "FAILED") return well(nowMs, "a verification went to its end");
    return firing(verification, nowMs, `The verification failed: ${verification.errorMessage}`);
  },
  BACKUP_FAILED({ nowMs, backups }) {
    const [backup] = backups;
    if (backup?.outcome === "DONE") return well(nowMs, "the backup is whole");
    if (backup === undefined || backup.errorCode === "SHUTDOWN") return undefined;
    // What nobody can mend in the one must not hide what another finds, so that all of it counts.
    const extent = backups.reduce((sum, run) => sum + extentOf(run), 0);
    return { ...firing(backup, nowMs, wordsOf(backup)), extent };
  },
  DISK_FILLING({ nowMs, disk }, state) {
    if (disk === undefined || disk.bytesPerDay <= 0) return disk && well(nowMs, "the disk has room");
    const days = disk.freeBytes / disk.bytesPerDay;
    if (days >= (state?.isFiring ? WELL_AGAIN_DAYS : ROOM_DAYS)) return well(nowMs, "the disk has room");
    return {
      isFiring: true,
      sinceMs: nowMs,
      text: `The disk has room for ${days.toFixed(1)} days: ${disk.freeBytes} bytes are free`,
    };
  },
  NO_LEADER({ nowMs, election }) {
    if (election === undefined) return undefined;
    if ("leader" in election) return well(nowMs, `${election.leader} leads`);
    const { server, unledSinceMs: sinceMs } = election;
    if (nowMs - sinceMs < FAILING_FOR_MS) return undefined;
    const text = `No server has led for six hours, as ${server} sees it, so that none fetches: is the bucket at hand?`;
    return { isFiring: true, sinceMs, text };
  },
};

export const ALERT_KINDS = Object.keys(RULES) as AlertKind[];

/**
 * What has changed since `states`, in words, and how the alerts stand now: the same object where nothing has. One message
 * for each change of state, and one where more is wrong than before.
 */
export function changesOf(states: AlertStates, facts: Facts): { states: AlertStates; changes: AlertChange[] } {
  let next = states;
  const changes: AlertChange[] = [];
  for (const kind of ALERT_KINDS) {
    const before = states[kind];
    const verdict = RULES[kind](facts, before);
    if (verdict === undefined) continue;
    const { isFiring, extent } = verdict;
    const isSame = isFiring === (before?.isFiring ?? false);
    if (isSame && extent === before?.extent) continue;
    const sinceMs = isSame ? before!.sinceMs : verdict.sinceMs;
    next = { ...next, [kind]: { isFiring, sinceMs, ...(extent !== undefined && { extent }) } };
    if (isSame && !(extent! > before!.extent!)) continue;
    changes.push({
      kind,
      state: isFiring ? "FIRING" : "RESOLVED",
      sinceMs: isFiring ? sinceMs : before!.sinceMs,
      atMs: facts.nowMs,
      text: isFiring ? verdict.text : `Over: ${verdict.text}`,
    });
  }
  return { states: next, changes };
}

function well(nowMs: number, text: string): Verdict {
  return { isFiring: false, sinceMs: nowMs, text };
}

function firing(run: MaintenanceRun, nowMs: number, text: string): AlertState & { text: string } {
  return { isFiring: true, sinceMs: run.endedMs ?? nowMs, text, extent: extentOf(run) };
}

/** More than any run finds: one that could not go on is worse than whatever one found that did. */
const COULD_NOT_GO_ON = 2 ** 40;

/** How much a run left wrong. */
function extentOf({ outcome, counts }: MaintenanceRun): number {
  const { problems = 0, damaged = 0, repaired = 0 } = counts;
  return outcome === "FAILED" ? COULD_NOT_GO_ON : problems + damaged - repaired;
}

/** @param run a backup, or a check of one, that left something wrong */
function wordsOf(run: MaintenanceRun): string {
  const isCheck = isBackupCheck(run);
  if (isCheck && run.outcome === "PROBLEMS") return `The check of the backup found damage: ${run.summary}`;
  const reason = run.outcome === "PROBLEMS" ? run.summary : run.errorMessage;
  return `${isCheck ? "The check of the backup" : "The backup"} failed: ${reason}`;
}
