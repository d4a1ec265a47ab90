/**
 * Configuration: the environment in, one `Config` out. Nothing else reads the environment.
 * Owns the names and defaults of the variables that README's table lists, and what they may be together; what each may be
 * by itself is its form (`setting-forms.ts`).
 */
import { hostname } from "node:os";
import { posix } from "node:path";
import { z } from "zod";
import { findMisspelt } from "./misspelt.ts";
import { CannotStart } from "./model/errors.ts";
import {
  amplitude,
  bool,
  cron,
  fetchedUrl,
  hasCredentials,
  httpUrl,
  origins,
  place,
  RetentionDays,
  S3_URL,
  token,
  wholeNumber,
} from "./setting-forms.ts";

export interface Config {
  host: string;
  port: number;
  /** Base of the absolute URLs that the API hands out, without a slash at its end; default: as the request says. */
  publicUrl: string | undefined;
  ingvUrl: string;
  archive: {
    /** The tree's folder, or `s3://BUCKET/PREFIX`, as configured. */
    basePath: string;
    /** How answers name that folder, so that no absolute path ever leaves the server. */
    displayBase: string;
    /** Days kept, today included; -1 keeps all. */
    retentionDays: number;
    compress: boolean;
    keepSeries: boolean;
  };
  /** How buckets are reached; what is absent is found by the SDK's own chain. */
  s3: {
    endpoint: string | undefined;
    region: string | undefined;
    forcePathStyle: boolean | undefined;
    /** Are clients sent to the bucket itself for pictures, by signed URLs? */
    presign: boolean;
    credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | undefined;
  };
  /** croner pattern, UTC; `undefined`: nothing runs by itself. */
  cron: string | undefined;
  verify: {
    /** croner pattern, UTC; `undefined`: it isn't verified by itself. */
    cron: string | undefined;
    /** A server reads no faster than this while it verifies. */
    bytesPerSecond: number;
  };
  /** Does this server fetch by itself: whatever others do, not at all, or when the servers on one store elect it? */
  scheduler: Scheduler;
  /** This server among those on one store, for people. */
  serverName: string;
  catalogPath: string;
  backup: {
    /** A folder, or `s3://BUCKET/PREFIX`; `undefined`: there is no backup. */
    to: string | undefined;
    /** croner pattern, UTC; `undefined`: by hand alone. */
    cron: string | undefined;
    /** age recipient that copies are encrypted to; `undefined`: they are plain. */
    recipient: string | undefined;
    /** age identities, one a line, to read encrypted copies by. */
    identity: string | undefined;
    /** A file that holds them. */
    identityFile: string | undefined;
  };
  alerts: {
    /** Where to say that something fails; `undefined`: in the log alone. */
    webhookUrl: string | undefined;
  };
  /** `undefined`: one is made at start. */
  adminToken: string | undefined;
  /** `undefined`: reads are public. */
  readToken: string | undefined;
  corsOrigins: string[];
  /** From where on the tremor is called MEDIUM and HIGH, mV. */
  levels: { mediumMv: number; highMv: number };
  log: { level: LogLevel; pretty: boolean | undefined };
}

export type Scheduler = z.infer<typeof Scheduler>;
const Scheduler = z.enum(["always", "never", "elect"], "always, never or elect is needed");

export type LogLevel = z.infer<typeof LogLevel>;
const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
const LogLevel = z.enum(LOG_LEVELS, `one of ${LOG_LEVELS.join(", ")} is needed`);

const Environment = z.object({
  HOST: z.string().default("127.0.0.1"),
  PORT: wholeNumber(0, 65_535).default(5000),
  PUBLIC_URL: httpUrl.optional(),
  INGV_URL: fetchedUrl.default("https://www.ct.ingv.it/RMS_Etna/2.png"),
  ARCHIVE_BASE_PATH: place.default("data/archives"),
  ARCHIVE_RETENTION_DAYS: RetentionDays.default(90),
  ARCHIVE_COMPRESS: bool.default(false),
  ARCHIVE_KEEP_SERIES: bool.default(true),
  ARCHIVE_CRON: cron("25,55 * * * *"),
  S3_ENDPOINT: httpUrl.optional(),
  S3_REGION: z.string().optional(),
  S3_FORCE_PATH_STYLE: bool.optional(),
  S3_PRESIGN: bool.default(false),
  AWS_REGION: z.string().optional(),
  AWS_ACCESS_KEY_ID: z.string().optional(),
  AWS_SECRET_ACCESS_KEY: z.string().optional(),
  AWS_SESSION_TOKEN: z.string().optional(),
  VERIFY_CRON: cron("40 2 * * 0"),
  VERIFY_MB_PER_SECOND: wholeNumber(1, 10_000).default(4),
  SCHEDULER: Scheduler.optional(),
  SERVER_NAME: z
    .string()
    .regex(/^[\w.:/-]{1,80}$/, "letters, digits and . : / - are possible, 80 at most")
    .optional(),
  BACKUP_TO: place.optional(),
  BACKUP_CRON: cron("15 1 * * *"),
  BACKUP_AGE_RECIPIENT: z
    .string()
    .regex(/^age1[0-9a-z]{20,}$/, "an age recipient, age1…, is needed")
    .optional(),
  BACKUP_AGE_IDENTITY: z.string().optional(),
  BACKUP_AGE_IDENTITY_FILE: z.string().optional(),
  ALERT_WEBHOOK_URL: fetchedUrl.optional(),
  CATALOG_PATH: z.string().default("data/catalog.sqlite"),
  ADMIN_TOKEN: token.optional(),
  READ_TOKEN: token.optional(),
  CORS_ORIGINS: origins.default([]),
  TREMOR_MEDIUM_MV: amplitude.default(1),
  TREMOR_HIGH_MV: amplitude.default(4),
  LOG_LEVEL: LogLevel.default("info"),
  LOG_PRETTY: bool.optional(),
});

/**
 * @param environment variables by name; an empty one counts as absent
 * @throws {CannotStart} for the first wrong variable: it names it, what was found and what is needed, in one line
 */
export function parseConfig(environment: Record<string, string | undefined>): Config {
  const set = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""),
  );
  const misspelt = findMisspelt(Object.keys(set), Object.keys(Environment.shape));
  if (misspelt !== undefined) throw new CannotStart(`${misspelt[0]} is no setting: ${misspelt[1]} may be meant`);
  const parsed = Environment.safeParse(set);
  if (!parsed.success) throw invalid(parsed.error, set);
  const env = parsed.data;
  if (env.ADMIN_TOKEN !== undefined && env.ADMIN_TOKEN === env.READ_TOKEN)
    throw new CannotStart("READ_TOKEN is the same as ADMIN_TOKEN: two different tokens are needed");
  if (env.TREMOR_HIGH_MV <= env.TREMOR_MEDIUM_MV)
    throw new CannotStart(
      `TREMOR_HIGH_MV is wrong: more than TREMOR_MEDIUM_MV (${env.TREMOR_MEDIUM_MV}) is needed (found ${env.TREMOR_HIGH_MV})`,
    );
  const isInBucket = S3_URL.test(env.ARCHIVE_BASE_PATH);
  if (env.SCHEDULER === "elect" && !isInBucket)
    throw new CannotStart("SCHEDULER is wrong: elect needs an archive that servers share, in s3:// (found a folder)");
  return {
    host: env.HOST,
    port: env.PORT,
    publicUrl: env.PUBLIC_URL?.replace(/\/+$/, ""),
    ingvUrl: env.INGV_URL,
    archive: {
      basePath: env.ARCHIVE_BASE_PATH,
      displayBase: displayBase(env.ARCHIVE_BASE_PATH),
      retentionDays: env.ARCHIVE_RETENTION_DAYS,
      compress: env.ARCHIVE_COMPRESS,
      keepSeries: env.ARCHIVE_KEEP_SERIES,
    },
    s3: {
      endpoint: env.S3_ENDPOINT,
      region: env.S3_REGION ?? env.AWS_REGION,
      forcePathStyle: env.S3_FORCE_PATH_STYLE,
      presign: env.S3_PRESIGN,
      credentials: credentialsIn(env),
    },
    cron: env.ARCHIVE_CRON,
    verify: {
      cron: env.VERIFY_CRON,
      bytesPerSecond: env.VERIFY_MB_PER_SECOND * 1e6,
    },
    scheduler: env.SCHEDULER ?? (isInBucket ? "elect" : "always"),
    serverName: env.SERVER_NAME ?? `${hostname()}/${process.pid}`,
    catalogPath: env.CATALOG_PATH,
    backup: {
      to: env.BACKUP_TO,
      cron: env.BACKUP_CRON,
      recipient: env.BACKUP_AGE_RECIPIENT,
      identity: env.BACKUP_AGE_IDENTITY,
      identityFile: env.BACKUP_AGE_IDENTITY_FILE,
    },
    alerts: { webhookUrl: env.ALERT_WEBHOOK_URL },
    adminToken: env.ADMIN_TOKEN,
    readToken: env.READ_TOKEN,
    corsOrigins: env.CORS_ORIGINS,
    levels: { mediumMv: env.TREMOR_MEDIUM_MV, highMv: env.TREMOR_HIGH_MV },
    log: { level: env.LOG_LEVEL, pretty: env.LOG_PRETTY },
  };
}

/** The SDK sees the process's environment alone, and not a `.env` file; so the variables' own keys are handed to it. */
function credentialsIn(env: z.infer<typeof Environment>): Config["s3"]["credentials"] {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = env;
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
}

/** A relative base is shown as configured; an absolute one, or a bucket's, by its last part alone. */
function displayBase(basePath: string): string {
  if (S3_URL.test(basePath)) return basePath.replace(/\/+$/, "").split("/").at(-1)!;
  const normal = posix.normalize(basePath).replace(/\/+$/, "");
  return (posix.isAbsolute(basePath) ? posix.basename(normal) : normal) || ".";
}

/** Hooks carry their secret in the path. */
const SECRET = /TOKEN|SECRET|KEY|IDENTITY$|WEBHOOK/;

function invalid(error: z.ZodError, set: Record<string, unknown>): CannotStart {
  const { path, message } = error.issues[0] as z.core.$ZodIssue;
  const name = String(path[0]);
  const isSecret = SECRET.test(name) || hasCredentials(String(set[name]));
  const found = isSecret ? "" : ` (found ${JSON.stringify(set[name])})`;
  return new CannotStart(`${name} is wrong: ${message}${found}`);
}
