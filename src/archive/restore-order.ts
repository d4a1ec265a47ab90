/**
 * How the files of a day that are restored as they are come after each other, by what the manifests tell of their times.
 */
interface Restorable {
  key: string;
  modifiedMs?: number | undefined;
}

/** Of two pictures the newer one is the archive, so it is written last, and the record after it. */
export function recordLast<File extends Restorable>(files: readonly File[]): File[] {
  const rank = (file: File): number => (isRecord(file) ? Number.POSITIVE_INFINITY : (file.modifiedMs ?? 0));
  return files.toSorted((a, b) => rank(a) - rank(b));
}

/** A picture that is newer than the day's record isn't the one that this names: a writer was stopped between the two. */
export function isRecordNewest(files: readonly Restorable[]): boolean {
  const recordMs = files.find(isRecord)?.modifiedMs ?? Number.POSITIVE_INFINITY;
  return files.every(({ modifiedMs = 0 }) => modifiedMs <= recordMs);
}

function isRecord({ key }: Restorable): boolean {
  return key.endsWith(".json");
}
