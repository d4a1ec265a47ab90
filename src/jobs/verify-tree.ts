/**
 * One verification of the whole archive, and the repair of what it found.
 * Owns its order: names first, then every file, then the catalog; and only then, when asked to, the mending.
 */
import { setImmediate as breathe } from "node:timers/promises";
import type { Archive, DayFiles, SoundDay } from "../archive/archive.ts";
import { allEnded } from "../archive/at-once.ts";
import { isDamage, type Finding } from "../archive/findings.ts";
import { parseKey, QUARANTINE } from "../archive/keys.ts";
import { orAborted } from "../archive/or-aborted.ts";
import { dayFiles } from "../archive/reader.ts";
import { lastExpiredDay } from "../archive/retention.ts";
import { dayOf, type Day } from "../model/day.ts";
import { StoreFailed } from "../model/errors.ts";
import { countKnown, whyNotBelowDisk } from "./emptied.ts";
import { findBehind, findMissing, findTaken, mayBeBehind } from "./find-missing.ts";
import type { GlanceThread } from "./glance-thread.ts";
import { listKept } from "./list-kept.ts";
import { createPace } from "./pace.ts";
import { repairFindings } from "./repair.ts";
import { createCatalogCheck } from "./verify-catalog.ts";
import type { Verified, VerifyOptions, VerifyParts } from "./verified.ts";

/** Days whose files are read at once: while some are read, another is checked. */
const AT_ONCE = 8;

/** So long nobody else has a turn, at most. */
const TURN_MS = 2;
/** From so many on it pays to start a thread. */
const MANY_DAYS = 300;
/**
 * Days that it is handed at once, and so many again, so that it never waits for its caller: an eighth of those that are
 * left, within these limits, so that both end together.
 */
const DAYS_FOR_THREAD = { least: 8, most: 256 };

/** @throws {StoreFailed} when the archive can't be listed; what can't be read in it is a finding */
export async function verifyTree(parts: VerifyParts, options: VerifyOptions): Promise<Verified> {
  const { archive } = parts;
  const { repair = false, bytesPerSecond, signal, onProgress } = options;
  // It starts while the names are read.
  await using thread = countKnown(parts.catalog) < MANY_DAYS ? undefined : parts.openThread?.();
  // Before the names, so that whatever a backup has was in the archive by then.
  const findings: Finding[] = [];
  const kept = new Map((await listKept(parts, findings, signal)).map((one) => [one.day, one]));
  const unreadable: string[] = [];
  const days = await Array.fromAsync(archive.survey({}, ({ key }) => unreadable.push(key)));
  const there = new Set(days.map(({ day }) => day));
  const { retentionDays, keepSeries } = parts.policy;
  const today = dayOf(parts.clock());
  const expired = lastExpiredDay(today, retentionDays);
  const quarantined = await findQuarantined(archive, findings);
  const retention = { today, expired, keepSeries };
  findings.push(...findMissing(days, [...kept.keys()], quarantined, unreadable, retention));
  const gone = days.length === 0 ? await findEmptied(parts) : undefined;
  if (gone !== undefined) findings.push(gone);
  const catalogCheck = createCatalogCheck(parts);
  /** Ends all that is under way, where it is stopped or a part of it fails. */
  const failing = new AbortController();
  const ending = signal === undefined ? failing.signal : AbortSignal.any([signal, failing.signal]);
  const pace = createPace({ bytesPerSecond, signal: ending });
  let bytes = 0;

  async function check(files: DayFiles): Promise<{ found: Finding[]; read: number }> {
    const checked = await archive.check(files);
    const copied = kept.get(files.day);
    const isDoubtful = checked.picture && mayBeBehind(files, checked.picture.sha256, copied);
    const behind = isDoubtful ? await findBehind(checked, copied, parts.copies) : [];
    return { found: [...checked.findings, ...behind, ...catalogCheck.compareDay(files, checked)], read: checked.bytes };
  }

  /** A day that a glance finds whole, and the catalog as it was made from it, need not be looked at closely. */
  async function verifyDay(files: DayFiles, sound: SoundDay | undefined): Promise<void> {
    let read = sound?.bytes ?? 0;
    const isDoubtful = sound && mayBeBehind(files, sound.head.picture.sha256, kept.get(files.day));
    if (sound === undefined || isDoubtful || !catalogCheck.isSealed(files, sound)) {
      const first = await check(files);
      read = first.read;
      // A writer may have been at work between the looks at names, record and picture: so what is there now counts.
      const now = first.found.length === 0 ? undefined : await surveyDay(archive, files.day);
      if (now !== undefined) findings.push(...(await check(now)).found);
    }
    bytes += read;
    onProgress?.(++done, days.length);
    await pace(read);
  }

  let done = 0;
  let turnMs = performance.now();
  /** Files that are read at once leave nobody else a turn, such as who stops the program. */
  async function giveTurns(): Promise<void> {
    if (performance.now() - turnMs < TURN_MS) return;
    await breathe();
    turnMs = performance.now();
  }
  let next = 0;
  const takeSome = (most: number): DayFiles[] => days.slice(next, (next += most));
  const work = async (): Promise<void> => {
    for (let [files] = takeSome(1); files !== undefined; [files] = takeSome(1)) {
      ending.throwIfAborted();
      await verifyDay(files, await archive.glance(files));
      await giveTurns();
    }
  };
  const workOnThread = async ({ glance }: GlanceThread): Promise<void> => {
    const { least, most } = DAYS_FOR_THREAD;
    for (;;) {
      ending.throwIfAborted();
      const some = takeSome(Math.min(most, Math.max(least, (days.length - next) >> 3)));
      if (some.length === 0) return;
      // A thread that reads on is ended with the verification.
      const sound = await orAborted(glance(some), ending);
      for (const [at, files] of some.entries()) {
        ending.throwIfAborted();
        await verifyDay(files, sound[at]);
      }
    }
  };
  /** By day, what has the name of a picture. */
  const takenNames = new Map<Day, string>();
  async function findOddities(): Promise<void> {
    for await (const { key, kind, reason } of archive.listOddities()) {
      ending.throwIfAborted();
      const { day, kind: place } = parseKey(key) ?? {};
      if (kind === "FOREIGN" && place === "json") {
        // A record that can't be had: told with the other files of its day, where it has any.
        if (!there.has(day!)) findings.push(...(await archive.check(dayFiles(day!, []))).findings);
        continue;
      }
      if (kind === "FOREIGN" && day !== undefined) takenNames.set(day, key);
      const kinds = { FOREIGN: "FOREIGN_FILE", LEFTOVER: "LEFTOVER", UNREADABLE: "UNREADABLE" } as const;
      findings.push({ kind: kinds[kind], day: undefined, file: key, message: capital(reason), repaired: false });
    }
  }
  /** Whoever waits for all of them hears of a failure once those days are done that are under way, and not all days. */
  async function orEndAll(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      failing.abort(error);
      throw error;
    }
  }
  const threaded = thread === undefined ? [] : [workOnThread(thread), workOnThread(thread)];
  const works = [
    ...threaded,
    // Meanwhile, since none of it is the thread's.
    findOddities(),
    Promise.resolve().then(() => findings.push(...catalogCheck.findFaults())),
    ...Array.from({ length: bytesPerSecond === undefined ? AT_ONCE : 1 }, work),
  ];
  await allEnded(works.map(orEndAll));

  findings.push(...findTaken(days, takenNames, findings));
  findings.push(...catalogCheck.compareRest(there));
  for (const { day, message } of listSetAside(parts))
    findings.push({ kind: "PLOT_SET_ASIDE", day, file: undefined, message, repaired: false });
  // Whatever is gone with its disk comes back with it: nothing is put below, and the catalog keeps its days.
  const mended = repair && gone === undefined ? await repairFindings(findings, parts, signal) : findings;
  const damage = mended.filter(isDamage);
  return {
    days: days.length,
    pictures: days.filter(({ picture }) => picture !== undefined).length,
    records: days.filter(({ record }) => record !== undefined).length,
    bytes,
    damaged: damage.length,
    repaired: damage.filter(({ repaired }) => repaired).length,
    findings: mended.sort(byDayAndFile),
    repair,
  };
}

export async function surveyDay(archive: Pick<Archive, "survey">, day: Day): Promise<DayFiles | undefined> {
  for await (const files of archive.survey({ from: day, to: day })) return files;
  return undefined;
}

/** None where they can't be listed, which is said. */
async function findQuarantined(archive: Archive, findings: Finding[]): Promise<ReadonlyMap<Day, string>> {
  try {
    return await archive.findQuarantined();
  } catch (error) {
    if (!(error instanceof StoreFailed)) throw error;
    const message = `What lies there can't be told: ${error.message}`;
    findings.push({ kind: "UNREADABLE", day: undefined, file: QUARANTINE, message, repaired: false });
    return new Map();
  }
}

async function findEmptied(parts: VerifyParts): Promise<Finding | undefined> {
  const message = await whyNotBelowDisk(parts);
  return message === undefined
    ? undefined
    : { kind: "ARCHIVE_GONE", day: undefined, file: undefined, message, repaired: false };
}

function listSetAside({ catalog }: VerifyParts): ReturnType<VerifyParts["catalog"]["listSetAside"]> {
  try {
    return catalog.listSetAside();
  } catch {
    return []; // the catalog's own check says so
  }
}

function byDayAndFile(a: Finding, b: Finding): number {
  const [left, right] = [a, b].map(({ day, file }) => `${day ?? ""} ${file ?? ""}`) as [string, string];
  return left < right ? -1 : left > right ? 1 : 0;
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
