/**
 * What a verification is handed and what it answers.
 * Owns the nouns; `verify-tree.ts` looks, `repair.ts` mends, `verify.ts` is the job.
 */
import type { Copies } from "../archive/copies.ts";
import type { Finding } from "../archive/findings.ts";
import type { Digitizer } from "./digitizer.ts";
import type { GlanceThread } from "./glance-thread.ts";
import type { IndexParts } from "./index-day.ts";
import type { MaintenanceParts } from "./maintenance.ts";

export interface VerifyParts extends IndexParts, MaintenanceParts {
  catalog: IndexParts["catalog"];
  /** A picture that it lets go isn't missed. */
  policy: { retentionDays: number; keepSeries: boolean };
  /** Reads pictures whose record has to be made anew. */
  digitizer: Pick<Digitizer, "version" | "read">;
  /** Where repair finds good copies; absent where none are kept. */
  copies?: Copies | undefined;
  /** Opens a thread that reads beside the caller, for very many days; absent where none should. */
  openThread?: (() => GlanceThread | undefined) | undefined;
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
