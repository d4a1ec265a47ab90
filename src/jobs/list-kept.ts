/**
 * Days that the backup has, for a verification: of those, none may be missing here.
 * Owns that it is said where the backup can't be asked, since a day that is gone from here isn't seen then.
 */
import type { KeptDay } from "../archive/copies.ts";
import type { Finding } from "../archive/findings.ts";
import { KnownError } from "../model/errors.ts";
import type { VerifyParts } from "./verified.ts";

/** A server that hasn't backed up for so long does no more. */
const LATELY_MS = 7 * 86_400_000;
const FEW_RUNS = 20;

/** None where it can't tell, which is put among the findings. */
export async function listKept(
  { copies, ...parts }: VerifyParts,
  findings: Finding[],
  signal: AbortSignal | undefined,
): Promise<readonly KeptDay[]> {
  const tell = (why: string): void => {
    const message = `The backup can't be asked which days there should be: ${why}`;
    findings.push({ kind: "BACKUP_UNAVAILABLE", day: undefined, file: undefined, message, repaired: false });
  };
  try {
    if (copies !== undefined) return await copies.listKept(signal);
    if (isBackedUp(parts)) tell("a server makes one, and where isn't known here (BACKUP_TO)");
  } catch (error) {
    if (!(error instanceof KnownError) || signal?.aborted) throw error;
    parts.log.warn({ err: error }, "verification: the backup can't be asked which days there should be");
    tell(error.message);
  }
  return [];
}

/** Does a server back up, as it did in the last days? Then whoever verifies in a shell just hasn't its settings. */
function isBackedUp({ catalog, clock }: Pick<VerifyParts, "catalog" | "clock">): boolean {
  try {
    const runs = catalog.listMaintenance({ kind: "BACKUP", limit: FEW_RUNS });
    return runs.some(({ trigger, startedMs }) => trigger !== "COMMAND" && clock() - startedMs < LATELY_MS);
  } catch {
    return false; // the catalog's own check says so
  }
}
