/**
 * The verification job: is everything that is kept as it was written? Mends what can be had again, when asked to.
 * Owns the outcome, who hears of it, and its row in the history.
 */
import type { Copies } from "../archive/copies.ts";
import type { Finding } from "../archive/findings.ts";
import type { MaintenanceRun } from "../catalog/maintenance-runs.ts";
import type { RunTrigger } from "../catalog/runs.ts";
import type { IndexParts } from "./index-day.ts";
import type { MaintenanceParts } from "./maintenance.ts";

export interface VerifyParts extends IndexParts, MaintenanceParts {
  catalog: IndexParts["catalog"];
  /** Where repair finds good copies; absent where none are kept. */
  copies?: Copies | undefined;
}

export interface VerifyOptions {
  /** Mend what can be had again, and move damaged pictures to the quarantine. */
  repair?: boolean | undefined;
  /** Read no more than so many bytes a second; default: as fast as it goes. */
  bytesPerSecond?: number | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface Verified {
  /** Days that have any file. */
  days: number;
  pictures: number;
  records: number;
  /** Bytes on disk of what was read. */
  bytes: number;
  /** Findings that are damage, and those of them that were mended. */
  damaged: number;
  repaired: number;
  /** By day, then by file; those without a day first. */
  findings: Finding[];
  repair: boolean;
}

/** Hears of each verification that this process ends. */
export type VerifiedListener = (verified: Verified, run: MaintenanceRun) => void;

export interface VerifyJob {
  /** Verifies now, or joins a verification that is under way with the same `repair`. @throws {StoreFailed} when the archive can't be listed */
  verify(trigger: RunTrigger, options?: VerifyOptions): Promise<{ run: MaintenanceRun; verified: Verified }>;
  /** Answers how to stop listening. */
  onVerified(listener: VerifiedListener): () => void;
}
