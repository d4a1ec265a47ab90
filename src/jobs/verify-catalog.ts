/**
 * The catalog against the archive: does each day's row say what its files say, and is the file itself sound?
 * Owns the comparing; a catalog that can't be read is damaged, whatever the error.
 */
import { isDeepStrictEqual } from "node:util";
import type { CheckedDay, DayFiles, SoundDay } from "../archive/archive.ts";
import { isDamage, type Finding, type FindingKind } from "../archive/findings.ts";
import { FIRST_DAY, LAST_DAY, parseDay, type Day } from "../model/day.ts";
import { describeFiles, toCatalogDay, toCatalogReading, type IndexParts } from "./index-day.ts";

export interface CatalogCheck {
  /** Are the rows of a sound day as they were made from these very files? Where not, or where it can't tell, false. */
  isSealed(files: DayFiles, sound: SoundDay): boolean;
  /** Compares a day whose files were checked. */
  compareDay(files: DayFiles, checked: CheckedDay): Finding[];
  /** Faults of the catalog's file as a whole. */
  findFaults(): Finding[];
  /** What concerns no day of the archive. @param days that it has, all of them compared */
  compareRest(days: ReadonlySet<Day>): Finding[];
}

export function createCatalogCheck({ catalog, log }: Pick<IndexParts, "catalog" | "log">): CatalogCheck {
  /** Days whose files the catalog hasn't read as they are. */
  const behind = new Set<string>();
  const seen = attempt(() => catalog.listSeen({ from: FIRST_DAY, to: LAST_DAY }));
  let isReadable = seen !== undefined;

  function isSealed(files: DayFiles, { head }: SoundDay): boolean {
    const sealed = attempt(() => catalog.findSealed(files.day));
    if (sealed === undefined || sealed.files !== describeFiles(files)) return false;
    if (sealed.picture === undefined || files.picture === undefined) return sealed.picture === files.picture;
    // The reading isn't at hand: what stands of it in the row, its seal vouches for.
    const { station, window } = sealed.picture;
    const picture = { ...toCatalogDay(files.picture, { ...head, reading: undefined }), station, window };
    return isDeepStrictEqual(sealed.picture, picture);
  }

  function compareDay(files: DayFiles, { day, record, isOfPicture, findings }: CheckedDay): Finding[] {
    // What the catalog has was read while the files were whole. Worse than the files it can't be.
    if (seen === undefined || findings.some(isDamage)) return [];
    if (seen.get(day) !== describeFiles(files)) {
      behind.add(day);
      return [];
    }
    behind.delete(day);
    const wrong = attempt(() => {
      const picture = files.picture && toCatalogDay(files.picture, isOfPicture ? record : undefined);
      if (!isDeepStrictEqual(catalog.findDay(day), picture)) return "what the catalog says of the picture is wrong";
      if (!catalog.holdsReading(day, toCatalogReading(day, record))) return "the catalog's samples aren't the record's";
      // Rows that were made from a whole record have a seal: without a true one, they'd have to be compared each time.
      if (record !== undefined && isOfPicture && catalog.findSealed(day) === undefined)
        return "the checksum of the catalog's rows is wrong";
      return "";
    });
    return wrong === "" ? [] : [finding("CATALOG_DAMAGED", day, wrong ?? "the catalog's rows can't be read")];
  }

  function findFaults(): Finding[] {
    const faults = attempt(() => catalog.findFaults());
    if (seen !== undefined && faults !== undefined)
      return faults.map((fault) => finding("CATALOG_DAMAGED", undefined, `the catalog is damaged: ${fault}`));
    isReadable = false;
    return [finding("CATALOG_DAMAGED", undefined, "the catalog can't be read")];
  }

  function compareRest(days: ReadonlySet<Day>): Finding[] {
    if (!isReadable) return []; // which is all there is to say
    const all: string[] = [];
    for (const text of attempt(() => catalog.listKnownDays()) ?? [])
      if (parseDay(text) === undefined) all.push(`the catalog has a row of ${JSON.stringify(text)}, which is no day`);
      else if (!(days as ReadonlySet<string>).has(text)) behind.add(text);
    const count = behind.size === 1 ? "a day" : `${behind.size} days`;
    return [
      ...all.map((message) => finding("CATALOG_DAMAGED", undefined, message)),
      ...(behind.size === 0
        ? []
        : [finding("CATALOG_BEHIND", undefined, `The catalog hasn't read the files of ${count} as they are`)]),
    ];
  }

  function attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      log.warn({ err: error }, "the catalog can't be read");
      return undefined;
    }
  }

  return { isSealed, compareDay, findFaults, compareRest };
}

function finding(kind: FindingKind, day: Day | undefined, message: string): Finding {
  return { kind, day, file: undefined, message: message[0]!.toUpperCase() + message.slice(1), repaired: false };
}
