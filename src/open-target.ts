/**
 * Opening the place of a backup, and the key that it is read by.
 */
import { readFileSync } from "node:fs";
import type { Decipher } from "./archive/age.ts";
import type { BackupTarget } from "./archive/backup-target.ts";
import { createTarget } from "./archive/create-target.ts";
import type { Config } from "./config.ts";
import { CannotStart } from "./model/errors.ts";
import { overlap } from "./places.ts";

export interface TargetOptions {
  /** Nobody is served by this process, so that it may read without leaving its thread. */
  alone?: boolean;
  /** Another backup than the configured one. */
  place?: string | undefined;
  identityFile?: string | undefined;
}

/** @throws {CannotStart} when there is no backup, or no way to read it as it is set up */
export async function openTarget(
  config: Config,
  { alone = false, place = config.backup.to, identityFile }: TargetOptions = {},
): Promise<{ target: BackupTarget; decipher: Decipher | undefined }> {
  if (place === undefined) throw new CannotStart("BACKUP_TO is needed: a folder, or s3://BUCKET/PREFIX");
  if (overlap(place, config.archive.basePath))
    throw new CannotStart("BACKUP_TO is wrong: it lies in the archive itself, or around it");
  const target = await createTarget(place, { s3: config.s3, alone });
  return { target, decipher: await openDecipher(config, identityFile) };
}

/** `undefined` where no identity is at hand. An identity file of the command's own counts before the configured ones. */
export async function openDecipher({ backup }: Config, identityFile?: string): Promise<Decipher | undefined> {
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
