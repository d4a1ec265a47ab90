/**
 * Seals of the tremor record: a checksum of each of its days, beside the record, since its rows' own form has no room.
 * Not against anybody's will: against bits that flip. Owns how a day that isn't as it was written is told.
 */
import { crc32 } from "node:zlib";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { DAY_MS } from "./packed-day.ts";

/** Since 1970; without samples where they were lost, without a seal where that was. An array, as objects take longer. */
export type SealedDay = [day: number, samples: Uint8Array | null, seal: number | null];

/** Answers `SealedDay`s, by day: those from the first day that it is given up to, and not with, the second. */
export function prepareSealedDays(database: DatabaseSync): StatementSync {
  const statement = database.prepare(SEALED_DAYS);
  statement.setReturnArrays(true);
  return statement;
}

const SEALED_DAYS = `
  SELECT day, samples, seal FROM tremor LEFT JOIN tremor_seals USING (day) WHERE day >= ?1 AND day < ?2
  UNION ALL
  SELECT day, NULL, seal FROM tremor_seals WHERE day >= ?1 AND day < ?2
    AND NOT EXISTS (SELECT 1 FROM tremor WHERE tremor.day = tremor_seals.day)
  ORDER BY day`;

export interface TremorSeals {
  setSeal(day: number, samples: Uint8Array | undefined): void;
}

export function createTremorSeals(database: DatabaseSync): TremorSeals {
  const set = database.prepare("INSERT OR REPLACE INTO tremor_seals VALUES (?, ?)");
  const unset = database.prepare("DELETE FROM tremor_seals WHERE day = ?");
  return {
    setSeal(day, samples) {
      if (samples === undefined) unset.run(day);
      else set.run(day, sealOf(day, samples));
    },
  };
}

/** What is wrong with a day, in words; `undefined` where nothing is. */
export function faultOf([day, samples, seal]: SealedDay): string | undefined {
  if (samples === null) return `the tremor record has lost ${nameOf(day)}`;
  return seal === sealOf(day, samples) ? undefined : `the tremor record of ${nameOf(day)} isn't as it was written`;
}

function sealOf(day: number, samples: Uint8Array): number {
  return crc32(samples, crc32(String(day)));
}

function nameOf(day: number): string {
  const date = new Date(day * DAY_MS);
  return Number.isNaN(date.getTime()) ? `day ${day}` : date.toISOString().slice(0, 10);
}
