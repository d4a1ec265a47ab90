/**
 * Opening the backup: its place, its job, and the keys that it is read and written by.
 */
import type { Decipher } from "./archive/age.ts";
import { createBackupCopies } from "./archive/backup-copies.ts";
import type { BackupTarget } from "./archive/backup-target.ts";
import type { Copies } from "./archive/copies.ts";
import { createTarget } from "./archive/create-target.ts";
import type { Store } from "./archive/store.ts";
import type { Config } from "./config.ts";
import type { ArchiveJobParts } from "./jobs/archive-now.ts";
import { createBackupJob, findGone, type BackupJob, type BackupParts } from "./jobs/backup.ts";
import { indexDay } from "./jobs/index-day.ts";
import { placeOf } from "./jobs/last-backup.ts";
import { CannotStart, StoreFailed } from "./model/errors.ts";
import { openDecipher, openTarget, type TargetOptions } from "./open-target.ts";

export interface Backup {
  target: BackupTarget;
  /** As the history names it. */
  place: string;
  job: BackupJob;
  /** Reads encrypted copies; `undefined` where no identity is at hand. */
  decipher: Decipher | undefined;
}

/**
 * @throws {CannotStart} when there is no backup, or no way to read or write it as it is set up
 */
export async function openBackup(
  { store, parts }: { store: Store; parts: ArchiveJobParts & Pick<BackupParts, "whyMisplaced"> },
  config: Config,
  options: TargetOptions = {},
): Promise<Backup> {
  const { target, decipher } = await openTarget(config, options);
  const { recipient } = config.backup;
  const job = createBackupJob({
    ...parts,
    store,
    target,
    decipher,
    copies: createBackupCopies(target, decipher),
    async mendSource(day, ...known) {
      await parts.archive.mendSource(day, ...known);
      await indexDay(day, parts);
    },
    cipher: recipient === undefined ? undefined : (await import("./archive/age.ts")).createCipher(recipient),
  });
  return { target, place: placeOf(target), job, decipher };
}

/** The configured backup, for a verification, which hears where it has gone: what reads encrypted copies is opened when the first file is looked for. */
export async function findCopies(
  config: Config,
  history: Omit<Parameters<typeof findGone>[0], "target">,
): Promise<Copies> {
  const target = await createTarget(config.backup.to!, { s3: config.s3, alone: false });
  let opened: Promise<Copies> | undefined;
  async function refuseWhereGone(): Promise<void> {
    const lastDay = await findGone({ ...history, target });
    if (lastDay !== undefined)
      throw new StoreFailed(`the backup of ${lastDay} is gone from its place. Is its disk mounted?`);
  }
  async function open(): Promise<Copies> {
    try {
      return createBackupCopies(target, await openDecipher(config), refuseWhereGone);
    } catch (cause) {
      opened = undefined; // its disk may be back the next time
      if (!(cause instanceof CannotStart)) throw cause;
      throw new StoreFailed("the age identity can't be read (BACKUP_AGE_IDENTITY_FILE)", { cause });
    }
  }
  return {
    listKept: (signal) => createBackupCopies(target, undefined, refuseWhereGone).listKept(signal),
    findCopy: async (...asked) => (await (opened ??= open())).findCopy(...asked),
  };
}
