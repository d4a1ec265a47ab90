/**
 * Misplaced pictures: one of another day that somebody moved or copied over a day's own.
 * Owns that judgement. A picture that is newer than its record may as well be a newer plot of the day, from a writer that
 * was stopped or another program, so only what no plot of the day can be counts: the very picture that the record of
 * another day names, tremor of after that day, or a curve that ends before the day and before that of the day's record.
 */
import type { Logger } from "pino";
import type { WhyMisplaced } from "../archive/archive.ts";
import { sureEndMs } from "../archive/freshness.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { dayStartMs, type Day } from "../model/day.ts";
import { ShutDown } from "../model/errors.ts";
import { endsAfter } from "../model/series.ts";
import { inTime, readOrSay, type Digitizer } from "./digitizer.ts";

export interface MisplacedParts {
  digitizer: Digitizer;
  /** Knows the pictures of all days; without it what a picture shows tells alone. */
  catalog?: Pick<Catalog, "listDaysOf">;
  log: Logger;
}

/** Pictures of which is remembered when they end: whoever asks for one asks again. */
const REMEMBERED = 64;

export function createMisplacedJudge({ digitizer, catalog, log }: MisplacedParts): WhyMisplaced {
  const ends = new Map<string, Promise<number | undefined>>();

  function findOwner(day: Day, sha256: string): Day | undefined {
    try {
      return catalog?.listDaysOf(sha256).find((other) => other !== day);
    } catch (error) {
      log.warn({ err: error }, "the catalog can't be asked whose picture it is");
      return undefined;
    }
  }

  /** What can't be read tells nothing. */
  async function readEnd(png: Uint8Array, fetchedMs: number): Promise<number | undefined> {
    try {
      return sureEndMs(await inTime(readOrSay(png, fetchedMs, digitizer)));
    } catch (error) {
      if (error instanceof ShutDown) throw error;
      log.error({ err: error }, "a picture that is newer than its record could not be read");
      return undefined;
    }
  }

  return async ({ day, sha256, png, modifiedMs }, record) => {
    const owner = findOwner(day, sha256);
    if (owner !== undefined) return `it is that of ${owner}`;
    if (ends.size >= REMEMBERED) ends.clear();
    const end = ends.get(sha256) ?? readEnd(png, modifiedMs);
    ends.set(sha256, end);
    end.catch(() => ends.delete(sha256));
    const [endMs, recordEndMs] = [await end, sureEndMs(record.reading)];
    if (endMs === undefined) return undefined;
    const until = `${new Date(endMs).toISOString().slice(0, 16)}Z`;
    if (endsAfter(day, endMs)) return `it shows tremor until ${until}, after that day`;
    const isOlder = recordEndMs !== undefined && endMs < recordEndMs && endMs < dayStartMs(day);
    return isOlder ? `it ends at ${until}, before that day and before the one that its record names` : undefined;
  };
}
