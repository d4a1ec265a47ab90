/**
 * Repairing what a verification found: pictures from copies, records from pictures, the catalog from records.
 * Owns the order, and that one failure keeps nothing else from being mended; each step is its own stage's.
 */
import type { RepairOptions } from "../archive/archive.ts";
import type { Finding, FindingKind } from "../archive/findings.ts";
import { isExpired, lastExpiredDay } from "../archive/retention.ts";
import { dayOf, FIRST_DAY, LAST_DAY, type Day } from "../model/day.ts";
import { KnownError, ShutDown } from "../model/errors.ts";
import { followTree, renewCatalog } from "./follow-tree.ts";
import { indexDay } from "./index-day.ts";
import { stitchPending } from "./stitch-pending.ts";
import type { VerifyParts } from "./verified.ts";

/** Findings for which the archive's own files are mended from copies. */
const IN_FILES: ReadonlySet<FindingKind> = new Set([
  "PICTURE_DAMAGED",
  "PICTURE_MISSING",
  "DAY_LOST",
  "DAY_BEHIND",
  "GZIP_DAMAGED",
  "RECORD_DAMAGED",
  "RECORD_MISSING",
]);
/** Findings for which the record is read from the picture again. */
const IN_RECORD: ReadonlySet<FindingKind> = new Set(["RECORD_DAMAGED", "RECORD_MISSING", "RECORD_BEHIND"]);

/** @returns the findings, with what was done about each */
export async function repairFindings(
  found: readonly Finding[],
  parts: VerifyParts,
  signal: AbortSignal | undefined,
): Promise<Finding[]> {
  const byDay = Map.groupBy(found, ({ day }) => day);
  const mended = byDay.get(undefined) ?? [];
  for (const [day, findings] of byDay) {
    if (day === undefined) continue;
    signal?.throwIfAborted();
    mended.push(...(await repairDay(day, findings, parts, signal)));
  }
  await repairCatalog(mended, parts, signal);
  const foreign = mended.filter(({ kind }) => kind === "FOREIGN_FILE");
  await attempt(foreign, foreign, () => lookAgain(foreign, parts));
  const leftovers = mended.filter(({ kind }) => kind === "LEFTOVER");
  await attempt(leftovers, leftovers, async () => {
    if (leftovers.length > 0) await parts.archive.sweep(signal);
    await lookAgain(leftovers, parts);
  });
  return mended;
}

async function repairDay(
  day: Day,
  found: readonly Finding[],
  parts: VerifyParts,
  signal: AbortSignal | undefined,
): Promise<Finding[]> {
  const { archive, copies } = parts;
  const inFiles = found.filter(({ kind }) => IN_FILES.has(kind));
  let findings = [...found];
  await attempt(findings, inFiles, async () => {
    if (inFiles.length === 0) return;
    const now = await archive.repair(day, { copies, missing: missingOf(day, inFiles, parts), signal });
    const kinds = new Set(now.map(({ kind }) => kind));
    findings = [...findings.filter(({ kind }) => !IN_FILES.has(kind) && !kinds.has(kind)), ...now];
  });

  const inRecord = findings.filter(({ kind, repaired }) => IN_RECORD.has(kind) && !repaired);
  await attempt(findings, inRecord, async () => {
    if (inRecord.length === 0 || !(await archive.exists(day))) return;
    const { version, read } = parts.digitizer;
    await archive.mendRecord(day, {
      digitizerVersion: version,
      read,
      known: knownSource(day, parts),
      ...(signal && { signal }),
    });
    for (const finding of inRecord) finding.repaired = true;
  });

  const inCatalog = findings.filter(({ kind }) => kind === "CATALOG_DAMAGED");
  // A picture that lies in quarantine now isn't there for readers either.
  if (findings.some(({ repaired }) => repaired) || inFiles.length > 0 || inCatalog.length > 0)
    await attempt(findings, inCatalog, async () => {
      await indexDay(day, parts, (unread) => {
        throw unread;
      });
      for (const finding of inCatalog) finding.repaired = true;
    });
  return findings;
}

function missingOf(day: Day, found: readonly Finding[], { clock, policy }: VerifyParts): RepairOptions["missing"] {
  const kinds = new Set(found.map(({ kind }) => kind));
  if (kinds.has("PICTURE_MISSING")) return "PICTURE";
  if (kinds.has("DAY_BEHIND")) return "LATER";
  if (!kinds.has("DAY_LOST")) return undefined;
  const expired = lastExpiredDay(dayOf(clock()), policy.retentionDays);
  return isExpired(day, expired) ? "RECORD" : "DAY";
}

/** What fails is said of what was to be mended, and the rest goes on. */
async function attempt(all: Finding[], concerned: readonly Finding[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ShutDown || (error as Error).name === "AbortError") throw error;
    const reason = error instanceof KnownError ? error.message : "it could not be mended";
    for (const finding of concerned.length > 0 ? concerned : all) finding.message += `; ${reason}`;
  }
}

/** The catalog still knows where a picture came from whose record is damaged. */
function knownSource(day: Day, { catalog }: VerifyParts) {
  const known = catalog.findDay(day);
  if (known?.sha256 === undefined || known.sourceUrl === undefined || known.fetchedMs === undefined) return undefined;
  const { sha256, sourceUrl: url, fetchedMs, etag, lastModified } = known;
  const version = { ...(etag !== undefined && { etag }), ...(lastModified !== undefined && { lastModified }) };
  return { sha256, source: { url, fetchedMs, version } };
}

/** Faults that concern no day: the rows of days are right by now, so what remains is made from them again. */
async function repairCatalog(findings: Finding[], parts: VerifyParts, signal: AbortSignal | undefined): Promise<void> {
  const faults = findings.filter(({ kind, day }) => kind === "CATALOG_DAMAGED" && day === undefined);
  const behind = findings.filter(({ kind }) => kind === "CATALOG_BEHIND");
  const { catalog } = parts;
  await attempt(behind, behind, async () => {
    if (behind.length === 0) return;
    await followTree(parts, signal && { signal });
    const unread = catalog.listUnseen({ from: FIRST_DAY, to: LAST_DAY });
    for (const finding of behind) finding.repaired = unread.length === 0;
  });
  await attempt(faults, faults, async () => {
    // A problem that reading it has met: then its file is opened anew, or set aside and begun anew.
    if (catalog.problem() !== undefined) await renewCatalog(parts, signal);
    if (faults.length > 0) {
      for (const text of catalog.listKnownDays()) if (!/^\d{4}-\d\d-\d\d$/.test(text)) dropRow(text as Day, parts);
      catalog.doubtAll();
      await followTree(parts, signal && { signal });
    }
    await stitchPending(catalog, { signal });
    if (faults.length === 0) return;
    const left = catalog.findFaults();
    for (const finding of faults) {
      finding.repaired = left.length === 0;
      if (!finding.repaired) finding.message += "; stop the server, delete the catalog's file and start again";
    }
  });
}

function dropRow(day: Day, { catalog }: VerifyParts): void {
  catalog.putDay(day, undefined, undefined);
}

/** What lies there no more is mended: swept, or moved out of the way of a file of ours. */
async function lookAgain(findings: Finding[], { archive }: VerifyParts): Promise<void> {
  if (findings.length === 0) return;
  const left = new Set<string>();
  for await (const { key } of archive.listOddities()) left.add(key);
  for (const finding of findings) finding.repaired = !left.has(finding.file!);
}
