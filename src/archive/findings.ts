/**
 * Findings: what a verification says of one file or one day.
 * Owns their kinds, which never change, and which of them are damage.
 */
import type { Day } from "../model/day.ts";

/** Damage: something kept isn't as it was written, or can't be had. It makes a verification fail. */
export type DamageKind =
  | "ARCHIVE_GONE" // the catalog knows days, and the folder is missing or empty: a disk that isn't mounted, so nothing is repaired
  | "PICTURE_DAMAGED" // not the bytes that the record names, or no whole PNG
  | "PICTURE_MISSING" // named by a record, within the retention, and not there
  | "DAY_LOST" // a backup has its record, or the quarantine a damaged picture, within the retention, and no file of it is there
  | "DAY_BEHIND" // a backup has a later plot of it: its disk has lost its last writes, or went back to a snapshot
  | "GZIP_DAMAGED" // the picture inside is whole, but the gzip around it isn't the one that was written
  | "RECORD_DAMAGED" // not as it was written, or of a wrong form
  | "CATALOG_DAMAGED" // a row isn't what the day's files say
  | "UNREADABLE"; // the system can't read it: a denied or failing disk

/** Remarks: worth knowing, and nothing is lost by them. */
export type RemarkKind =
  | "BACKUP_UNAVAILABLE" // it can't tell which days there should be, so that a lost one may not be seen
  | "DAY_MISSING" // between the first and the last day that are kept, one without any file, of which nothing tells
  | "DAY_TO_COME" // it hasn't come yet: a clock was ahead when its picture was kept
  | "TWO_PICTURES" // a `.png` and a `.png.gz` of one day: the newer one is the archive
  | "RECORD_MISSING" // a picture that was never read, as in an old tree
  | "RECORD_BEHIND" // the picture is newer than its record, as after a stop between the two
  | "RECORD_NEWER" // written by a newer version of this program
  | "CATALOG_BEHIND" // the catalog hasn't seen the day's files as they are
  | "PLOT_SET_ASIDE" // it takes no part in the tremor record
  | "FOREIGN_FILE" // not of our names
  | "LEFTOVER"; // a temporary file of a writer that was stopped

export type FindingKind = DamageKind | RemarkKind;

export interface Finding {
  kind: FindingKind;
  /** `undefined` where it concerns no single day. */
  day: Day | undefined;
  /** Relative to the base; `undefined` where it concerns no file. */
  file: string | undefined;
  /** A sentence for people, without a path of the machine. */
  message: string;
  /** Was it mended? Always false unless repair was asked for. */
  repaired: boolean;
}

const IS_DAMAGE: Record<FindingKind, boolean> = {
  ARCHIVE_GONE: true,
  PICTURE_DAMAGED: true,
  PICTURE_MISSING: true,
  DAY_LOST: true,
  DAY_BEHIND: true,
  GZIP_DAMAGED: true,
  RECORD_DAMAGED: true,
  CATALOG_DAMAGED: true,
  UNREADABLE: true,
  BACKUP_UNAVAILABLE: false,
  DAY_MISSING: false,
  DAY_TO_COME: false,
  TWO_PICTURES: false,
  RECORD_MISSING: false,
  RECORD_BEHIND: false,
  RECORD_NEWER: false,
  CATALOG_BEHIND: false,
  PLOT_SET_ASIDE: false,
  FOREIGN_FILE: false,
  LEFTOVER: false,
};

export function isDamage({ kind }: Pick<Finding, "kind">): boolean {
  return IS_DAMAGE[kind];
}
