/**
 * Preparing copies: what is to be sent of a file, and whether the backup has that already.
 * Owns how a copy that is there is told; `prepare-day.ts` owns what may be copied.
 */
import type { WhyMisplaced } from "./archive.ts";
import type { Cipher } from "./age.ts";
import { storedKey, type BackupTarget } from "./backup-target.ts";
import type { Known } from "./known-manifests.ts";
import { copyOf, type Entry } from "./manifest.ts";
import { MAX_PICTURE_BYTES, sha256Of } from "./reader.ts";
import type { Store, StoredFile } from "./store.ts";
import type { AskParts } from "./told-by-copy.ts";

/** What isn't backed up as it should be. */
export interface CopyProblem {
  /** Of the archive, or of the target. */
  key: string;
  message: string;
}

/** A file that the backup should hold; `bytes` is what is to be sent, `undefined` where it is there already. */
export interface Copy {
  entry: Entry;
  bytes: Uint8Array | undefined;
}

export interface PrepareParts extends AskParts {
  store: Store;
  target: BackupTarget;
  known: Known;
  /** Those of the last manifest that need no look, by key. */
  entries: ReadonlyMap<string, Entry>;
  cipher: Cipher | undefined;
  whyMisplaced: WhyMisplaced | undefined;
  nowMs: number;
}

/** What an encryption adds at most: a header for a few recipients, and 16 bytes for each 64 KiB. */
const ENCRYPTION_BYTES = 1 << 20;
export const MAX_COPY_BYTES = MAX_PICTURE_BYTES + ENCRYPTION_BYTES;

/** @param about what the manifest tells of what is inside of it */
export async function prepare(
  file: StoredFile & { bytes: Uint8Array },
  parts: PrepareParts,
  about: Pick<Entry, "pngSha256" | "sourceOf"> = {},
): Promise<Copy> {
  const { key, bytes, modifiedMs } = file;
  const { cipher, nowMs } = parts;
  const plain = { key, size: bytes.length, sha256: sha256Of(bytes), modifiedMs, ...about };
  const found = await findCopy(plain, parts);
  if (found !== undefined) return { entry: { ...found, ...plain }, bytes: undefined };
  const encrypted = await cipher?.encrypt(bytes);
  const stored = encrypted && {
    size: encrypted.length,
    sha256: sha256Of(encrypted),
    recipient: cipher?.recipient,
  };
  return { entry: { ...plain, backedUpMs: nowMs, stored }, bytes: encrypted ?? bytes };
}

/**
 * The entry of a copy of these very bytes that is there already: a run that was stopped has sent it, or someone else
 * has put it there. It is read, since nothing else proves that it is whole.
 */
async function findCopy(
  plain: Omit<Entry, "backedUpMs" | "stored">,
  { target, there, known, before, cipher, nowMs, isSuspect }: PrepareParts,
): Promise<Entry | undefined> {
  const stored = storedKey(plain.key, cipher !== undefined);
  if (!there.has(stored)) return undefined;
  // Its digest doesn't prove what is inside of it, and a check that decrypts may have found something else, or nothing.
  if (cipher !== undefined && isSuspect(stored)) return undefined;
  const isInForm = createFormTest(cipher?.recipient);
  const told = [...toldOf(plain.key, known), ...listOf(before.get(plain.key))].filter(
    (entry) => entry.sha256 === plain.sha256 && isInForm(entry),
  );
  if (cipher === undefined) told.push({ ...plain, backedUpMs: nowMs, stored: undefined });
  return await findSame(stored, told, target);
}

/** The entry of a file's copy that is there, where the archive's own file can't tell. */
export async function findLeft(
  key: string,
  { target, there, known, before }: Pick<PrepareParts, "target" | "there" | "known" | "before">,
): Promise<Entry | undefined> {
  const entry = before.get(key);
  const told = toldOf(key, known);
  // Nobody has touched it since the last manifest was written.
  if (told.length === 0) return entry && there.has(copyOf(entry).key) ? entry : undefined;
  for (const candidate of [...told, ...listOf(entry)]) {
    const stored = copyOf(candidate).key;
    const found = there.has(stored) ? await findSame(stored, [candidate], target) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Files whose copies may be others than the manifest in force says, since runs that were stopped were at them: of one that is
 * encrypted again, name, size and time stay, and its bytes don't.
 */
export function findTouched({ pending }: Known, before: ReadonlyMap<string, Entry>): Set<string> {
  const touched = pending.flatMap(({ entries }) =>
    entries.filter((entry) => {
      const was = before.get(entry.key);
      return was !== undefined && copyOf(was).sha256 !== copyOf(entry).sha256;
    }),
  );
  return new Set(touched.map(({ key }) => key));
}

/** Is a copy in the form that is kept now: encrypted to this recipient, or, where there is none, plain? */
export function createFormTest(recipient: string | undefined): (entry: Entry) => boolean {
  return ({ stored }) => (recipient === undefined ? stored === undefined : stored?.recipient === recipient);
}

export function listOf<T>(one: T | undefined): T[] {
  return one === undefined ? [] : [one];
}

/** What stopped runs were about to make of a copy. */
function toldOf(key: string, { pending }: Known): Entry[] {
  return pending.flatMap(({ entries }) => entries.filter((entry) => entry.key === key));
}

/** Which of these entries the copy that is there is, by its bytes. */
export async function findSame(
  stored: string,
  told: readonly Entry[],
  target: BackupTarget,
): Promise<Entry | undefined> {
  if (told.length === 0) return undefined;
  const bytes = await target.read(stored, MAX_COPY_BYTES);
  const sha256 = bytes && sha256Of(bytes);
  return told.find((entry) => copyOf(entry).sha256 === sha256);
}
