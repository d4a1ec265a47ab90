/**
 * Encryption of copies, in the age format (https://age-encryption.org/v1), so that the standard tool reads them too.
 * The archive's machine knows the recipient alone: whoever gets at it, or at the backup, reads no copy.
 */
import { armor, Decrypter, Encrypter, identityToRecipient } from "age-encryption";
import { CannotStart, StoreFailed } from "../model/errors.ts";

export interface Cipher {
  /** `age1…` */
  recipient: string;
  encrypt(bytes: Uint8Array): Promise<Uint8Array>;
}

export interface Decipher {
  /** @throws {StoreFailed} when it is encrypted to someone else, or damaged */
  decrypt(bytes: Uint8Array): Promise<Decrypted>;
}

export interface Decrypted {
  bytes: Uint8Array;
  /** Of the identity that opened it. */
  recipient: string;
}

/** @throws {CannotStart} when it is no recipient */
export function createCipher(recipient: string): Cipher {
  const encrypter = new Encrypter();
  try {
    encrypter.addRecipient(recipient);
  } catch (cause) {
    throw new CannotStart("BACKUP_AGE_RECIPIENT is wrong: it is no age recipient; was it copied whole?", { cause });
  }
  return { recipient, encrypt: (bytes) => encrypter.encrypt(bytes) };
}

/**
 * @param text one identity a line, as `age-keygen` writes them; lines that begin with # are comments
 * @throws {CannotStart} when there is none. No message shows the text.
 */
export async function createDecipher(text: string): Promise<Decipher> {
  const readers: { decrypter: Decrypter; recipient: string }[] = [];
  const identities = text.split(/\s*\n\s*/).filter((line) => line !== "" && !line.startsWith("#"));
  if (identities.length === 0) throw new CannotStart("No age identity was found: a line AGE-SECRET-KEY-1… is needed");
  for (const identity of identities)
    try {
      const recipient = await identityToRecipient(identity.trim()); // it checks more than adding it does
      const decrypter = new Decrypter();
      decrypter.addIdentity(identity.trim());
      readers.push({ decrypter, recipient });
    } catch {
      throw new CannotStart("The age identity is wrong: a line AGE-SECRET-KEY-1… is needed; was it copied whole?");
    }
  async function open(bytes: Uint8Array): Promise<Decrypted> {
    const sealed = isArmored(bytes) ? armor.decode(new TextDecoder().decode(bytes)) : bytes;
    const failures: unknown[] = [];
    for (const { decrypter, recipient } of readers)
      try {
        return { bytes: await decrypter.decrypt(sealed), recipient };
      } catch (failure) {
        failures.push(failure);
      }
    // That it is meant for another is the least that can be said of it.
    throw failures.find((failure) => !isForAnother(failure)) ?? failures[0];
  }
  return {
    decrypt: (bytes) =>
      open(bytes).catch((cause: unknown) => {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new StoreFailed(`Cannot decrypt it: ${reason}`, { cause });
      }),
  };
}

function isForAnother(failure: unknown): boolean {
  return failure instanceof Error && failure.message.startsWith("no identity matched");
}

function isArmored(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes.subarray(0, 32)).startsWith("-----BEGIN AGE");
}
