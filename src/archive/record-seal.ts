/**
 * The seal of a record: the file's second member, `sha256`, is of its own text without that member. So a bit that flips
 * on the disk is found, whatever it is in. A record that has none, as an older program wrote it, is as good as its form.
 */
import { createHash } from "node:crypto";
import { RECORD_VERSION } from "./record.ts";

/** How a record of this version begins, with its seal and without. */
const HEAD = `{"version":${RECORD_VERSION},`;
const SEAL = /^\{"version":\d+,"sha256":"([0-9a-f]{64})",$/;
const SEAL_LENGTH = HEAD.length + `"sha256":"",`.length + 64;
const UNSEALED_HEAD = `${HEAD}"day":`;

export function sealed(text: Uint8Array): Uint8Array {
  const rest = text.subarray(HEAD.length);
  return Buffer.concat([Buffer.from(`${HEAD}"sha256":"${sealOf(rest)}",`), rest]);
}

function sealOf(rest: Uint8Array): string {
  return createHash("sha256").update(HEAD).update(rest).digest("hex");
}

/**
 * Is a record as this program wrote it? NONE: it has no seal to tell by, as an older program's, or one that was
 * formatted by hand. What begins as a record of ours and goes on with anything but a day has lost its seal.
 */
export function checkSeal(bytes: Uint8Array): "WHOLE" | "BROKEN" | "NONE" {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, SEAL_LENGTH)).toString("latin1");
  const seal = SEAL.exec(start)?.[1];
  if (seal !== undefined) return sealOf(bytes.subarray(SEAL_LENGTH)) === seal ? "WHOLE" : "BROKEN";
  return start.startsWith(`${HEAD}"`) && !start.startsWith(UNSEALED_HEAD) ? "BROKEN" : "NONE";
}
