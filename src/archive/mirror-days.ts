/**
 * Days as a backup takes them: their files in order, how many at once, which copies they take the place of, and which are lost.
 * Rules only; `mirror.ts` applies them.
 */
import type { Day } from "../model/day.ts";
import type { DayFiles } from "./archive.ts";
import { storedKeys } from "./backup-target.ts";
import { folderOf, parseKey, pictureKey, recordKey } from "./keys.ts";
import type { Entry } from "./manifest.ts";
import type { Copy, CopyProblem } from "./prepare-copies.ts";

/** Days that are copied at once; their pictures are held in memory. */
const DAYS_AT_ONCE = 16;
/** No more days are taken at once when their files have so many bytes. */
const BYTES_AT_ONCE = 32 << 20;

/** What the archive has lost, in one sentence: a disk that isn't mounted has lost them all. */
export function tellLost(lost: readonly Day[], isEmpty: boolean): CopyProblem[] {
  const [first] = lost;
  if (first === undefined) return [];
  const [days, them] = lost.length === 1 ? ["a day", "it"] : [`${lost.length} days`, "them"];
  const gone = `all files of ${days} that the backup has are gone from the archive`;
  const message = isEmpty
    ? `${gone}, which has none left. Is its disk mounted? Else \`restore\` brings ${them} back`
    : `${gone}; \`verify --repair\` brings ${them} back`;
  return [{ key: folderOf(recordKey(first)), message }];
}

export function daysOf(keys: Iterable<string>): Day[] {
  return [...new Set(Array.from(keys, (key) => parseKey(key)!.day))];
}

/** Pictures first. */
export function filesOf({ picture, spare, record }: DayFiles) {
  return [spare, picture, record].filter((file) => file !== undefined);
}

export function* chunksOf(days: readonly DayFiles[]): Generator<DayFiles[]> {
  let chunk: DayFiles[] = [];
  let bytes = 0;
  for (const day of days) {
    chunk.push(day);
    bytes += filesOf(day).reduce((sum, { size }) => sum + size, 0);
    if (chunk.length >= DAYS_AT_ONCE || bytes >= BYTES_AT_ONCE) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
  }
  if (chunk.length > 0) yield chunk;
}

/** Copies of the other variant of a day's picture, where the archive has that no more and the picture itself is copied. */
export function supersededOf(
  files: DayFiles,
  copies: readonly Copy[],
  entries: ReadonlyMap<string, Entry>,
  there: ReadonlySet<string>,
  inArchive: ReadonlySet<string>,
): string[] {
  const { picture } = files;
  const isCopied = picture && (entries.has(picture.key) || copies.some(({ entry }) => entry.key === picture.key));
  return isCopied ? otherVariants(files, there, inArchive) : [];
}

/** Copies of the other variant of a day's picture, which the archive doesn't have. */
export function otherVariants(
  { day, picture }: DayFiles,
  there: ReadonlySet<string>,
  inArchive: ReadonlySet<string>,
): string[] {
  const other = picture && pictureKey(day, !picture.compressed);
  if (other === undefined || inArchive.has(other)) return [];
  return storedKeys(other).filter((key) => there.has(key));
}
