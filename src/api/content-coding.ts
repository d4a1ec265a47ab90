/**
 * Content codings: which one a client takes (RFC 9110, 12.5.3), and long answers sent in gzip.
 * Twenty years of days are 770 kB, of which a phone needs to load but a tenth.
 */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Answer } from "./answer.ts";

/** What an answer must have for packing it to be worth the time: some thirty days of archives stay as they are. */
const LEAST_BYTES = 32 * 1024;

/** The first of `offered` that the client takes; `undefined` where it takes none. What `q=0` refuses isn't sent. */
export function pickCoding<Coding extends string>(
  acceptEncoding: string | null | undefined,
  offered: readonly Coding[],
): Coding | undefined {
  const accepted = new Map(
    (acceptEncoding ?? "")
      .toLowerCase()
      .split(",")
      .map((part) => part.split(";").map((piece) => piece.trim()))
      .map(([coding = "", quality]) => [coding, !/^q=0(\.0*)?$/.test(quality ?? "")] as const),
  );
  return offered.find((coding) => accepted.get(coding) ?? accepted.get("*") ?? false);
}

/** The headers of the same content in a coding: other bytes, so another tag. */
export function codedHeaders(headers: Answer["headers"], coding: string): Record<string, string> {
  const { ETag: tag, Vary: vary = "" } = headers;
  return {
    ...headers,
    "Content-Encoding": coding,
    Vary: vary.includes("Accept-Encoding") ? vary : [vary, "Accept-Encoding"].filter(Boolean).join(", "),
    ...(tag !== undefined && { ETag: tag.replace(/"$/, `-${coding}"`) }),
  };
}

/** Made once for an answer that is kept, which is given many times. */
const packedAnswers = new WeakMap<Answer, Promise<Answer>>();

/** Pictures are packed already. */
const PACKABLE = /^(application\/(graphql-response\+)?json|text\/)/;

/** The answer in gzip, where it is a long text and the client takes that; `undefined`: it goes out as it is. */
export function findPacked(request: Request, answer: Answer): Promise<Answer> | undefined {
  const { body, headers } = answer;
  if (!(body instanceof Uint8Array) || body.byteLength < LEAST_BYTES) return undefined;
  if (headers["Content-Encoding"] !== undefined || !PACKABLE.test(headers["Content-Type"] ?? "")) return undefined;
  if (pickCoding(request.headers.get("accept-encoding"), ["gzip"]) === undefined) return undefined;
  let packed = packedAnswers.get(answer);
  if (packed === undefined) {
    packed = pack(answer, body);
    packedAnswers.set(answer, packed);
  }
  return packed;
}

async function pack(answer: Answer, body: Uint8Array): Promise<Answer> {
  const headers = codedHeaders(answer.headers, "gzip");
  return { ...answer, headers, body: await promisify(gzip)(body, { level: 4 }) };
}
