/**
 * Pictures in memory: each is checked as it enters, and then served as long as its day holds that very file.
 */
import { LRUCache } from "lru-cache";
import type { Archive, KnownPicture } from "../archive/archive.ts";
import type { CatalogDay } from "../catalog/days.ts";

/** A picture's own bytes, checked. */
export interface Picture {
  png: Uint8Array;
  sha256: string;
  modifiedMs: number;
}

const LIMIT_BYTES = 24 * 1024 * 1024;

/**
 * Answers the picture of a day. A damaged one isn't kept, so that its repair is seen at once.
 * @throws {DayNotFound} @throws {ArchiveDamaged} @throws {StoreFailed} as the archive does
 */
export function createPictures(archive: Pick<Archive, "get">): (day: CatalogDay) => Promise<Picture> {
  const pictures = new LRUCache<string, Picture>({
    maxSize: LIMIT_BYTES,
    sizeCalculation: ({ png }) => png.byteLength,
  });
  return async (day) => {
    const key = `${day.day} ${day.modifiedMs} ${day.size}`;
    const known = pictures.get(key);
    if (known !== undefined) return known;
    const { png, sha256, modifiedMs, size } = await archive.get(day.day, isKnown(day) ? day : undefined);
    const picture = { png, sha256, modifiedMs };
    // Another process may have written since the catalog was asked: those bytes belong to another key.
    if (modifiedMs === day.modifiedMs && size === day.size) pictures.set(key, picture);
    return picture;
  };
}

/** Has its record been read? */
function isKnown(day: CatalogDay): day is CatalogDay & KnownPicture {
  return day.sha256 !== undefined;
}
