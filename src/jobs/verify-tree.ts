/**
 * One verification of the whole archive, and the repair of what it found.
 * Owns its order: names first, then every file, then the catalog; and only then, when asked to, the mending.
 */
import type { Archive, DayFiles } from "../archive/archive.ts";
import { isDamage, type Finding } from "../archive/findings.ts";
import { addDays, daysBetween, type Day } from "../model/day.ts";
import { createPace } from "./pace.ts";
import { repairFindings } from "./repair.ts";
import { createCatalogCheck } from "./verify-catalog.ts";
import type { Verified, VerifyOptions, VerifyParts } from "./verified.ts";

/** Days whose files are read at once: while some are read, another is checked. */
const AT_ONCE = 8;

/** @throws {StoreFailed} when the archive can't be listed; what can't be read in it is a finding */
export async function verifyTree(parts: VerifyParts, options: VerifyOptions): Promise<Verified> {
  const { archive } = parts;
  const { repair = false, bytesPerSecond, signal, onProgress } = options;
  const days = await Array.fromAsync(archive.survey());
  const findings: Finding[] = [...missing(days)];
  const catalogCheck = createCatalogCheck(parts);
  const pace = createPace({ bytesPerSecond, signal });
  let bytes = 0;

  async function check(files: DayFiles, sealSuffices = false): Promise<{ found: Finding[]; read: number }> {
    const checked = await archive.check(files, { sealSuffices });
    return { found: [...checked.findings, ...catalogCheck.compareDay(files, checked)], read: checked.bytes };
  }

  async function verifyDay(files: DayFiles): Promise<void> {
    const { found, read } = await check(files, true);
    bytes += read;
    if (found.length > 0) {
      // A writer may have been at work between the looks at names, record and picture: so what is there now counts,
      // and now it is looked at closely.
      const now = await surveyDay(archive, files.day);
      if (now !== undefined) findings.push(...(await check(now)).found);
    }
    await pace(read);
  }

  let done = 0;
  const queue = days.values();
  const work = async (): Promise<void> => {
    for (const files of queue) {
      signal?.throwIfAborted();
      await verifyDay(files);
      onProgress?.(++done, days.length);
    }
  };
  await Promise.all(Array.from({ length: bytesPerSecond === undefined ? AT_ONCE : 1 }, work));

  findings.push(...catalogCheck.compareRest(new Set(days.map(({ day }) => day))));
  for (const { day, message } of listSetAside(parts))
    findings.push({ kind: "PLOT_SET_ASIDE", day, file: undefined, message, repaired: false });
  for await (const { key, kind, reason } of archive.listOddities()) {
    const kinds = { FOREIGN: "FOREIGN_FILE", LEFTOVER: "LEFTOVER", UNREADABLE: "UNREADABLE" } as const;
    findings.push({ kind: kinds[kind], day: undefined, file: key, message: capital(reason), repaired: false });
  }
  const mended = repair ? await repairFindings(findings, parts, signal) : findings;
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

/** Days without any file, in stretches; and records whose picture no retention can have taken. */
function* missing(days: readonly DayFiles[]): Generator<Finding> {
  // Retention lets the oldest pictures go, so behind the oldest that is left each record has one.
  const oldestPicture = days.find(({ picture }) => picture !== undefined)?.day;
  for (const [at, { day, picture, record }] of days.entries()) {
    const before = days[at - 1]?.day;
    const count = before === undefined ? 0 : daysBetween(before, day) - 1;
    if (before !== undefined && count > 0) {
      const first = addDays(before, 1);
      const message =
        count === 1 ? `No file of ${first}` : `No file from ${first} to ${addDays(day, -1)}: ${count} days`;
      yield { kind: "DAY_MISSING", day: first, file: undefined, message, repaired: false };
    }
    if (picture === undefined && record !== undefined && oldestPicture !== undefined && day > oldestPicture)
      yield { kind: "PICTURE_MISSING", day, file: record.key, message: "The day's picture is gone", repaired: false };
  }
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
