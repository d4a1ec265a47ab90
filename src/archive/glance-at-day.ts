/**
 * A glance at one day, for a verification of very many: are its picture and its record whole beyond doubt?
 * Owns no verdict but that: whatever it doubts, even where nothing is wrong, `check-day.ts` looks at closely and says.
 *
 * Beyond doubt is a record whose seal is whole, and a picture of the sha256 that it names: that picture was checked as a
 * PNG before its record was written.
 */
import { KnownError } from "../model/errors.ts";
import type { DayFiles, SoundDay } from "./archive.ts";
import { inflateWithin, MAX_PICTURE_BYTES, sha256Of } from "./reader.ts";
import { MAX_RECORD_BYTES, readSealedHead } from "./record-file.ts";
import type { Store } from "./store.ts";

/** Plots and records of the usual size fit. Very many in new memory each would cost more than reading them does. */
const ROOM_BYTES = 1 << 18;

/** @returns a function that throws what isn't a `KnownError` */
export function createGlance(store: Store): (files: DayFiles) => Promise<SoundDay | undefined> {
  const rooms: Uint8Array<ArrayBuffer>[] = [];
  return async (files) => {
    const room = rooms.pop() ?? new Uint8Array(ROOM_BYTES);
    try {
      return await glanceAtDay(files, store, room);
    } finally {
      rooms.push(room);
    }
  };
}

async function glanceAtDay(
  { day, picture, spare, record }: DayFiles,
  store: Store,
  room: Uint8Array<ArrayBuffer>,
): Promise<SoundDay | undefined> {
  if (record === undefined || spare !== undefined) return undefined;
  try {
    // As a reader does, the record first: what is written after it is newer, and looked at closely.
    const recordFile = await store.read(record.key, MAX_RECORD_BYTES, room);
    const head = recordFile && readSealedHead(day, recordFile.bytes);
    if (head === undefined) return undefined;
    if (picture === undefined) return { head, bytes: recordFile!.size };

    const file = await store.read(picture.key, MAX_PICTURE_BYTES, room);
    if (file === undefined) return undefined;
    const { sha256, gzipSha256 } = head.picture;
    if (picture.compressed && gzipSha256 !== undefined && sha256Of(file.bytes) !== gzipSha256) return undefined;
    const png = picture.compressed ? await inflateWithin(day, file.bytes) : file.bytes;
    return sha256Of(png) === sha256 ? { head, bytes: recordFile!.size + file.size } : undefined;
  } catch (error) {
    if (error instanceof KnownError) return undefined;
    throw error;
  }
}
