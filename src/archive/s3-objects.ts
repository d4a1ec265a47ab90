/**
 * Objects below a prefix of a bucket, one at a time: looked for, read whole, written, removed.
 * Owns what the store is told of each, and that a body is what was announced. Errors are the SDK's own (`storeFailed`
 * makes them ours); what a key means is the callers' matter.
 */
import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { S3Client } from "@aws-sdk/client-s3";
import type { Day } from "../model/day.ts";
import { StoreFailed, TooLarge } from "../model/errors.ts";
import type { FileKind } from "./keys.ts";
import type { S3Bucket, SendOptions } from "./s3-client.ts";
import { isAbsent } from "./s3-errors.ts";
import { wholeSeconds, type Listed } from "./s3-list.ts";
import { createQuickGet, type GotObject } from "./s3-quick-get.ts";

/** What the store says of an object to whoever reads it there, such as a CDN. */
export interface ObjectHeaders {
  contentType: string;
  cacheControl: string;
}

const CONTENT_TYPES: Readonly<Record<FileKind, string>> = {
  png: "image/png",
  "png.gz": "application/gzip",
  json: "application/json",
};

/** A picture of today is replaced twice an hour; one of a past day is another only where somebody mended it. */
export function headersOf({ day, kind }: { day: Day; kind: FileKind }, today: Day): ObjectHeaders {
  return { contentType: CONTENT_TYPES[kind], cacheControl: `max-age=${day < today ? 86_400 : 60}` };
}

/** Keys are without the prefix. */
export interface Objects {
  find(key: string, options?: SendOptions): Promise<Listed | undefined>;
  /** @throws {StoreFailed} when it is larger than `limitBytes` */
  read(key: string, limitBytes: number, options?: SendOptions): Promise<(Listed & { bytes: Uint8Array }) | undefined>;
  /** It carries its MD5, so that the store refuses what arrives damaged. `onlyNew`: an answer 412 where one is there. */
  put(
    key: string,
    bytes: Uint8Array,
    headers: ObjectHeaders,
    options?: SendOptions & { onlyNew?: boolean },
  ): Promise<void>;
  /** Also where there is none. */
  remove(key: string, options?: SendOptions): Promise<void>;
}

/** A truncated body is asked for again. */
const READS = 3;

/** @param base of all keys, with a slash at its end, or empty */
export function openObjects(bucket: S3Bucket, base: string): Objects {
  const of = (key: string) => ({ Bucket: bucket.name, Key: base + key });
  const quick = createQuickGet();

  async function readOnce(key: string, limitBytes: number, options?: SendOptions) {
    return await bucket.request(async (sdk, client, abortSignal) => {
      const got = (await quick.get(client, base + key, abortSignal)) ?? (await ask(sdk, client, key, abortSignal));
      if (got === "ABSENT") return undefined;
      const { size, modified, body } = got;
      if (size > limitBytes) {
        body.destroy?.();
        const path = `${bucket.url}/${base}${key}`;
        throw new TooLarge(`Cannot read ${key}: found ${size} bytes, need at most ${limitBytes}`, { path });
      }
      const bytes = Buffer.concat(await Array.fromAsync(body));
      if (bytes.length !== size) throw new Truncated(`${bytes.length} of ${size} bytes came`);
      return {
        key,
        size,
        modifiedMs: wholeSeconds(modified),
        bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, size),
      };
    }, options);
  }

  async function ask(
    sdk: typeof import("@aws-sdk/client-s3"),
    client: S3Client,
    key: string,
    abortSignal: AbortSignal,
  ): Promise<GotObject> {
    const command = new sdk.GetObjectCommand(of(key));
    quick.learnFrom(command, base + key);
    const { ContentLength = 0, LastModified, Body } = await client.send(command, { abortSignal });
    return { size: ContentLength, modified: LastModified, body: (Body ?? []) as GotObject["body"] };
  }

  return {
    async find(key, options) {
      try {
        const head = await bucket.request(
          (sdk, client, abortSignal) => client.send(new sdk.HeadObjectCommand(of(key)), { abortSignal }),
          options,
        );
        return { key, size: head.ContentLength ?? 0, modifiedMs: wholeSeconds(head.LastModified) };
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
    },

    async read(key, limitBytes, options) {
      for (let triesLeft = READS - 1; ; triesLeft--)
        try {
          return await readOnce(key, limitBytes, options);
        } catch (error) {
          if (isAbsent(error)) return undefined;
          if (error instanceof StoreFailed || triesLeft === 0 || !isBrokenOff(error)) throw error;
          await pause(Math.random() * 200);
        }
    },

    async put(key, bytes, { contentType, cacheControl }, { onlyNew = false, ...options } = {}) {
      const input = {
        ...of(key),
        Body: bytes,
        ContentMD5: createHash("md5").update(bytes).digest("base64"),
        ContentType: contentType,
        CacheControl: cacheControl,
        ...(onlyNew && { IfNoneMatch: "*" }),
      };
      await bucket.request(
        (sdk, client, abortSignal) => client.send(new sdk.PutObjectCommand(input), { abortSignal }),
        options,
      );
    },

    async remove(key, options) {
      await bucket.request(
        (sdk, client, abortSignal) => client.send(new sdk.DeleteObjectCommand(of(key)), { abortSignal }),
        options,
      );
    },
  };
}

/** Less came than was announced. */
class Truncated extends Error {
  override name = "Truncated";
  readonly code = "EIO";
}

function isBrokenOff(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return error instanceof Truncated || code === "ECONNRESET" || code === "EPIPE" || message === "aborted";
}
