/**
 * The forms that settings take in the environment: text in, value out, or in words what is needed instead.
 */
import { Cron } from "croner";
import { z } from "zod";

export const httpUrl = z.url({ protocol: /^https?$/, error: "an http or https URL is needed" });
/** One that we send requests to: `fetch` takes none with a user and a password in it. */
export const fetchedUrl = httpUrl.refine(
  (url) => !hasCredentials(url),
  "a URL without a user and a password is needed",
);
export const bool = z.stringbool({ error: "true or false is needed" });
export const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^-?\d+$/, `a whole number from ${least} to ${most} is needed`)
    .transform(Number)
    .pipe(z.number().min(least, `at least ${least} is needed`).max(most, `at most ${most} is possible`));
export const amplitude = z
  .string()
  .regex(/^\d+(\.\d+)?$/, "an amplitude in mV, such as 1.5, is needed")
  .transform(Number)
  .pipe(z.number().positive("an amplitude above 0 mV is needed").max(1000, "at most 1000 mV is possible"));
/** A bucket's name as S3 allows it, and a prefix without empty parts. */
export const S3_URL = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[^/]+)*\/?$/;
export const place = z
  .string()
  .refine((path) => !path.includes("\0"), "a folder is needed")
  .refine(
    // `s3:/BUCKET` would else be a folder of that name: an archive that nobody looks for on this disk.
    (path) => !/^(s3:|[a-z][a-z0-9+.-]*:\/\/)/i.test(path) || S3_URL.test(path),
    "a folder is needed, or s3://BUCKET/PREFIX",
  );
export const token = z.string().regex(/^[\x21-\x7e]{8,}$/, "at least 8 visible ASCII characters are needed");

/** `ARCHIVE_RETENTION_DAYS`, which `cleanup --retention-days` takes too. */
export const RetentionDays = z
  .string()
  .regex(/^(-1|\d+)$/, "a number of days from 1 on, or -1 to keep all, is needed")
  .transform(Number)
  .pipe(z.number().max(3_650_000, "at most 3650000 is possible"))
  .refine((days) => days !== 0, "0 would delete everything; a number of days from 1 on, or -1, is needed");

/** A schedule in UTC; `off` is `undefined`. */
export const cron = (usual: string) =>
  z
    .string()
    .refine(isCron, "a cron pattern of five or six fields, or off, is needed")
    .default(usual)
    .transform((pattern) => (pattern === "off" ? undefined : pattern));

/** Origins of web pages, such as https://example.org, with commas or spaces between. */
export const origins = z
  .string()
  .transform((list) => list.split(/[\s,]+/).filter((origin) => origin !== ""))
  .refine((list) => list.every(isOrigin), "origins such as https://example.org, with commas between, are needed");

function isCron(pattern: string): boolean {
  if (pattern === "off") return true;
  try {
    // Nicknames such as @daily and patterns with a year are croner's own; the field's form has five or six fields.
    if (!/^\S+(\s+\S+){4,5}$/.test(pattern.trim())) return false;
    return new Cron(pattern, { paused: true, timezone: "UTC" }).nextRun() !== null;
  } catch {
    return false;
  }
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

/** Does a URL name a user or a password? */
export function hasCredentials(text: string): boolean {
  const { username = "", password = "" } = URL.parse(text) ?? {};
  return username !== "" || password !== "";
}
