/**
 * Reading the archive: which picture a day has, and whether it is the one that its record names.
 * Takes no lock and writes nothing, so a tree on a read-only disk is read all the same.
 */
import { hash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { FIRST_DAY, LAST_DAY, type Day } from "../model/day.ts";
import { ArchiveDamaged, DayNotFound, PlotRejected, TooLarge } from "../model/errors.ts";
import { checkPng, type CheckedPng } from "../model/png.ts";
import type {
  Archive,
  ArchivedDay,
  ArchivedPlot,
  DayFiles,
  DayRange,
  KnownPicture,
  NamedPicture,
  OpenedPicture,
  WhyMisplaced,
} from "./archive.ts";
import { parseKey, pictureKey, recordKey } from "./keys.ts";
import { MAX_RECORD_BYTES, OtherDaysRecord, parseRecord } from "./record-file.ts";
import type { DayRecord } from "./record.ts";
import type { Oddity, Store, StoredFile } from "./store.ts";

/** A published plot has some 25 kB. No picture larger than this is kept, and no gzip inflated beyond it. */
export const MAX_PICTURE_BYTES = 32 << 20;

/** As the old system compresses. */
export const GZIP_LEVEL = 6;

/** A reader holds no lock, so a picture may be replaced under its eyes; then it looks again. */
const LOOKS = 5;

const inflate = promisify(gunzip);

/** What a day's files hold. */
export interface DayContents {
  /** Where it is no whole picture, or not the one that its record names, `damage` says why. */
  picture: OpenedPicture | undefined;
  /** Only where it can be read; else `recordProblem` says why not. */
  record: DayRecord | undefined;
  recordProblem: ArchiveDamaged | undefined;
  /** The record's file, readable or not. */
  recordFile: StoredFile | undefined;
}

export interface Reader extends Pick<Archive, "find" | "exists" | "get" | "list" | "survey" | "findRecord"> {
  readContents(day: Day): Promise<DayContents>;
}

export function createReader(store: Store, whyMisplaced?: WhyMisplaced): Reader {
  /** A writer may change one variant for the other between our looks at the two, so «neither» is looked at again. */
  async function find(day: Day): Promise<ArchivedDay | undefined> {
    for (let look = 1; ; look++) {
      const files = await Promise.all([store.find(pictureKey(day, false)), store.find(pictureKey(day, true))]);
      const found = files.filter((file) => file !== undefined);
      if (found.length > 0 || look === LOOKS) return dayFiles(day, found).picture;
    }
  }

  /** The record first: what is written after it can only be newer, and so is never taken for damage. */
  async function readContents(day: Day): Promise<DayContents> {
    const stored = await readOurs(store, recordKey(day), MAX_RECORD_BYTES);
    const { record, recordProblem } = stored ? tryParse(day, stored.bytes) : {};
    for (let look = 1; ; look++) {
      const archived = await find(day);
      const file = archived && (await readOurs(store, archived.key, MAX_PICTURE_BYTES));
      if (archived !== undefined && file === undefined && look < LOOKS) continue;
      const picture = file && archived && { ...archived, size: file.size, modifiedMs: file.modifiedMs };
      const named = record && { ...record, modifiedMs: stored!.modifiedMs };
      return {
        picture: picture && besideRecord(await openPicture(picture, file.bytes, named, whyMisplaced), recordProblem),
        record,
        recordProblem,
        recordFile: stored && { key: stored.key, size: stored.size, modifiedMs: stored.modifiedMs },
      };
    }
  }

  /** `undefined` unless the file is there and holds the very picture. */
  async function readKnown(day: Day, { key, compressed, sha256 }: KnownPicture): Promise<ArchivedPlot | undefined> {
    const file = await readOurs(store, key, MAX_PICTURE_BYTES);
    if (file === undefined) return undefined;
    const { bytes, ...stored } = file;
    try {
      const png = compressed ? await inflateWithin(day, bytes) : bytes;
      return sha256Of(png) === sha256 ? { day, ...stored, compressed, png, sha256 } : undefined;
    } catch (error) {
      if (error instanceof ArchiveDamaged) return undefined; // the whole look says what is wrong
      throw error;
    }
  }

  async function* survey(
    { from = FIRST_DAY, to = LAST_DAY, order = "oldest-first" }: DayRange = {},
    onUnreadable?: (oddity: Oddity) => void,
  ) {
    let files: StoredFile[] = [];
    let day: Day | undefined;
    for await (const file of store.list(from, to, order, onUnreadable)) {
      const next = parseKey(file.key)!.day;
      if (day !== undefined && next !== day) {
        yield dayFiles(day, files);
        files = [];
      }
      files.push(file);
      day = next;
    }
    if (day !== undefined) yield dayFiles(day, files);
  }

  return {
    find,
    readContents,
    survey,
    exists: async (day) => (await find(day)) !== undefined,

    async get(day, known): Promise<ArchivedPlot> {
      const same = known && (await readKnown(day, known));
      if (same !== undefined) return same;
      const { picture } = await readContents(day);
      if (picture === undefined) throw new DayNotFound(day);
      const { damage, gzipSha256: _, checked: __, ...plot } = picture;
      if (damage !== undefined) throw damage;
      return plot;
    },

    async *list(range) {
      for await (const { picture } of survey(range)) if (picture !== undefined) yield picture;
    },

    async findRecord(day) {
      const stored = await readOurs(store, recordKey(day), MAX_RECORD_BYTES);
      return stored && parseRecord(day, stored.bytes);
    },
  };
}

/** What has more bytes than any file of ours is read as if it had none: so it is damage, and no failure of the disk. */
export async function readOurs(
  store: Store,
  key: string,
  limitBytes: number,
): Promise<(StoredFile & { bytes: Uint8Array }) | undefined> {
  try {
    return await store.read(key, limitBytes);
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    const file = await store.find(key);
    return file && { ...file, bytes: new Uint8Array() };
  }
}

/** @param files of one day; none where there is nothing of it */
export function dayFiles(day: Day, files: readonly StoredFile[]): DayFiles {
  const pictures = files.flatMap((file) => {
    const { kind } = parseKey(file.key)!;
    return kind === "json" ? [] : [{ day, ...file, compressed: kind === "png.gz" }];
  });
  // The newer one is the archive; at the same time the plain one.
  pictures.sort((a, b) => b.modifiedMs - a.modifiedMs || Number(a.compressed) - Number(b.compressed));
  return { day, picture: pictures[0], spare: pictures[1], record: files.find(({ key }) => key === recordKey(day)) };
}

function tryParse(day: Day, bytes: Uint8Array): { record?: DayRecord; recordProblem?: ArchiveDamaged } {
  try {
    return { record: parseRecord(day, bytes) };
  } catch (error) {
    if (error instanceof ArchiveDamaged) return { recordProblem: error };
    throw error;
  }
}

/**
 * A picture that its record names is whole: it was checked before that was written. Any other must be newer than the
 * record (a writer was stopped between the two) or have none, and is checked now. Newer, it may yet be another day's.
 */
export async function openPicture(
  archived: ArchivedDay,
  bytes: Uint8Array,
  record: NamedPicture | undefined,
  whyMisplaced?: WhyMisplaced,
): Promise<OpenedPicture> {
  const { day, compressed } = archived;
  const gzipSha256 = compressed ? sha256Of(bytes) : undefined;
  let png: Uint8Array = new Uint8Array();
  let checked: CheckedPng | undefined;
  try {
    png = compressed ? await inflateWithin(day, bytes) : bytes;
    const sha256 = sha256Of(png);
    if (record?.picture.sha256 !== sha256) {
      const isOther = "the picture isn't the one that its record names";
      if (record !== undefined && archived.modifiedMs <= record.modifiedMs) throw new ArchiveDamaged(day, isOther);
      checked = checkPng(png);
      const { sizeBytes, trailingBytes } = checked;
      if (trailingBytes > 0 && sha256Of(png.subarray(0, sizeBytes)) === record?.picture.sha256)
        throw new ArchiveDamaged(
          day,
          `the picture has ${trailingBytes} bytes behind its end that its record doesn't know`,
        );
      const why = record && (await whyMisplaced?.({ ...archived, png, sha256 }, record));
      if (why !== undefined) throw new ArchiveDamaged(day, `${isOther}: ${why}`);
    }
    return { ...archived, png, sha256, gzipSha256, checked, damage: undefined };
  } catch (error) {
    const damage = error instanceof PlotRejected ? new ArchiveDamaged(day, error.message, { cause: error }) : error;
    if (!(damage instanceof ArchiveDamaged)) throw damage;
    return { ...archived, png, sha256: sha256Of(png), gzipSha256, checked, damage };
  }
}

/**
 * The picture that another day's record names is that day's, too, where it lies beside it.
 * @param problem of the record
 * @param copied what the copy of the day's own record tells: both days may have had that picture
 */
export function besideRecord(opened: OpenedPicture, problem: unknown, copied?: NamedPicture): OpenedPicture {
  if (!(problem instanceof OtherDaysRecord) || problem.record.picture.sha256 !== opened.sha256) return opened;
  if (copied?.picture.sha256 === opened.sha256) return opened;
  const whose = `the picture is that of ${problem.record.day}, as the record beside it says`;
  return { ...opened, damage: opened.damage ?? new ArchiveDamaged(opened.day, whose) };
}

export async function inflateWithin(day: Day, bytes: Uint8Array): Promise<Uint8Array> {
  try {
    const { buffer, byteOffset, length } = await inflate(bytes, { maxOutputLength: MAX_PICTURE_BYTES });
    return new Uint8Array(buffer, byteOffset, length);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE")
      throw new ArchiveDamaged(day, `it inflates to more than ${MAX_PICTURE_BYTES} bytes`, { cause });
    if (code?.startsWith("Z_")) throw new ArchiveDamaged(day, `it can't be inflated (${message})`, { cause });
    throw cause;
  }
}

export function sha256Of(bytes: Uint8Array): string {
  return hash("sha256", bytes);
}
