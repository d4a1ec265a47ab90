/**
 * Seals of days: a checksum of all that the rows of a day say, written when they were made from its record. Rows that
 * match it needn't be made from the record again to be compared, which takes most of the time of a verification.
 * Not against anybody's will: against bits that flip, and hands that change a row.
 */
import type { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import type { Day } from "../model/day.ts";

export interface RowSeals {
  /** Seals the rows as they are; call it in the transaction that writes them. */
  seal(day: Day): void;
  /** `undefined` where the day has no seal, or another one than its rows. `picture`: the columns of `days`. */
  findSealed(day: Day): { files: string; picture: unknown[] | undefined } | undefined;
}

/** Of `days`; the others are the reading's, its samples last. */
const PICTURE_COLUMNS = 16;

export function createRowSeals(database: DatabaseSync): RowSeals {
  const rows = database.prepare(`SELECT seen.seal, seen.files, days.*, readings.*
    FROM seen LEFT JOIN days ON days.day = seen.day LEFT JOIN readings ON readings.day = seen.day WHERE seen.day = ?`);
  rows.setReturnArrays(true);
  const set = database.prepare("UPDATE seen SET seal = ? WHERE day = ?");

  return {
    seal(day) {
      const [, ...content] = rows.get(day) as unknown as unknown[];
      set.run(sealOf(content), day);
    },
    findSealed(day) {
      const row = rows.get(day) as unknown as unknown[] | undefined;
      if (row === undefined) return undefined;
      const [seal, ...content] = row;
      if (seal !== sealOf(content)) return undefined;
      const [files, ...columns] = content;
      return { files: files as string, picture: columns[0] === null ? undefined : columns.slice(0, PICTURE_COLUMNS) };
    },
  };
}

function sealOf(content: readonly unknown[]): number {
  const samples = content.at(-1);
  const words = crc32(JSON.stringify(content.slice(0, -1)));
  return samples instanceof Uint8Array ? crc32(samples, words) : words;
}
