/**
 * Opening the backup: its place, its job, and the keys that it is read and written by.
 */
import { readFileSync } from "node:fs";
import type { Decipher } from "./archive/age.ts";
import { createBackupCopies } from "./archive/backup-copies.ts";
import type { BackupTarget } from "./archive/backup-target.ts";
import type { Copies } from "./archive/copies.ts";
import { createTarget } from "./archive/create-target.ts";
import type { Store } from "./archive/store.ts";
import type { Config } from "./config.ts";
import type { ArchiveJobParts } from "./jobs/archive-now.ts";
import { createBackupJob, type BackupJob } from "./jobs/backup.ts";
import { CannotStart } from "./model/errors.ts";
import { overlap } from "./places.ts";

export interface Backup {
  target: BackupTarget;
  job: BackupJob;
  /** Reads encrypted copies; `undefined` where no identity is at hand. */
  decipher: Decipher | undefined;
  /** What a repair gets good files from. */
  copies: Copies;
}

/**
 * @param options.place another backup than the configured one
 * @param options.alone nobody is served by this process, so that it may read without leaving its thread
 * @throws {CannotStart} when there is no backup, or no way to read or write it as it is set up
 */
export async function openBackup(
  { store, parts }: { store: Store; parts: ArchiveJobParts },
  config: Config,
  options: { alone?: boolean; place?: string | undefined; identityFile?: string | undefined } = {},
): Promise<Backup> {
  const place = options.place ?? config.backup.to;
  if (place === undefined) throw new CannotStart("BACKUP_TO is needed: a folder, or s3://BUCKET/PREFIX");
  const { basePath } = config.archive;
  if (overlap(place, basePath))
    throw new CannotStart("BACKUP_TO is wrong: it lies in the archive itself, or around it");
  const { recipient } = config.backup;
  const target = createTarget(place, { s3: config.s3, alone: options.alone ?? false });
  const job = createBackupJob({
    ...parts,
    store,
    target,
    cipher: recipient === undefined ? undefined : (await import("./archive/age.ts")).createCipher(recipient),
  });
  const decipher = await openDecipher(config, options.identityFile);
  return {
    target,
    job,
    decipher,
    copies: createBackupCopies(target, decipher),
  };
}

/** The configured backup, for a repair: it is opened when the first file is looked for there. */
export function findCopies(config: Config): Copies {
  let opened: Promise<Copies> | undefined;
  return {
    async findCopy(key, limitBytes, signal) {
      opened ??= openDecipher(config).then((decipher) => {
        return createBackupCopies(createTarget(config.backup.to!, { s3: config.s3, alone: false }), decipher);
      });
      return (await opened).findCopy(key, limitBytes, signal);
    },
  };
}

/** `undefined` where no identity is at hand. An identity file of the command's own counts before the configured ones. */
async function openDecipher({ backup }: Config, identityFile?: string): Promise<Decipher | undefined> {
  const hasOwnFile = identityFile !== undefined;
  const secret =
    !hasOwnFile && backup.identity !== undefined ? backup.identity : readIdentity(identityFile ?? backup.identityFile);
  return secret === undefined ? undefined : (await import("./archive/age.ts")).createDecipher(secret);
}

function readIdentity(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new CannotStart(`Cannot read the age identity in ${path}: ${(cause as NodeJS.ErrnoException).code}`, {
      cause,
    });
  }
}
