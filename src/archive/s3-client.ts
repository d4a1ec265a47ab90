/**
 * The way to a bucket: the AWS SDK, loaded when the first request is made, with limits on time and tries.
 * Which objects there are is the callers' matter, what its errors mean that of `s3-errors.ts`.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import { createCircuit } from "./circuit.ts";
import { orAborted } from "./or-aborted.ts";
import { isFailureOfServer } from "./s3-errors.ts";

type Sdk = typeof import("@aws-sdk/client-s3");

/** How a bucket is reached. What is absent is found by the SDK's own chain: its variables, files and services. */
export interface S3Settings {
  endpoint?: string | undefined;
  region?: string | undefined;
  /** Is the bucket named in the path and not in the host? Default: where an endpoint is given. */
  forcePathStyle?: boolean | undefined;
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | undefined;
  limits?: Partial<S3Limits> | undefined;
}

export interface S3Limits {
  /** Until a connection stands. */
  connectMs: number;
  /** From a request to its answer's head, and between any two parts of its body. */
  answerMs: number;
  /** All tries of one request together, bodies included. */
  totalMs: number;
  /** Tries of one request; the SDK waits between them, longer each time and never in step. */
  tries: number;
}

const LIMITS: S3Limits = { connectMs: 3000, answerMs: 10_000, totalMs: 30_000, tries: 4 };

export interface SendOptions {
  /** No second try, for what mustn't be done twice. */
  once?: boolean;
  /**
   * Called as the last thing before each try goes out, and may throw. Signing takes its time, and so do pauses between
   * tries: what was true when the request was made needn't be so any more.
   */
  beforeTry?: () => void;
  /** Called at the end where a try went out and nobody knows what became of it: the store may yet do it. */
  onUnanswered?: () => void;
  /** Asks a server that has just failed, too: for who must know soon whether it is back. */
  insist?: boolean;
  /** Less than the bucket's own limit, for answers that are worth nothing when they come late. */
  totalMs?: number;
  signal?: AbortSignal | undefined;
}

export interface S3Bucket {
  /** Where it is, for people and for logs: `s3://bucket`. */
  readonly url: string;
  readonly name: string;
  /**
   * Sends what `ask` makes of the SDK. `ask` must await the answer's body too, so that the limits hold for it.
   * @throws the SDK's own errors; `storeFailed` of `s3-errors.ts` makes them ours
   */
  request<T>(ask: (sdk: Sdk, client: S3Client, signal: AbortSignal) => Promise<T>, options?: SendOptions): Promise<T>;
  /** The store's own clock at its last answer, in whole seconds since 1970. */
  serverTimeMs(): number | undefined;
}

/** By which a gateway says that it has no answer itself. */
const NO_ANSWER: ReadonlySet<unknown> = new Set([502, 504]);

/** By which a connection says that it never stood: nothing went out. */
const NOT_SENT: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

/** A request that is under way, as its tries know it. */
interface Sending {
  beforeTry: (() => void) | undefined;
  /** Tries that went out, and of which nothing has come back. */
  unanswered: number;
}

export function openBucket(name: string, settings: S3Settings): S3Bucket {
  const limits = { ...LIMITS, ...settings.limits };
  const circuit = createCircuit(isFailureOfServer, { failures: 5, restMs: 2000 });
  const sendings = new AsyncLocalStorage<Sending>();
  let answeredMs: number | undefined;

  async function connect(tries: number): Promise<{ sdk: Sdk; client: S3Client }> {
    const sdk = await import("@aws-sdk/client-s3");
    const client = new sdk.S3Client({ ...clientConfig(settings, limits), maxAttempts: tries });
    client.middlewareStack.add(
      (next) => async (args) => {
        const sending = sendings.getStore();
        sending?.beforeTry?.();
        if (sending !== undefined) sending.unanswered++;
        const result = await next(args).catch((error: unknown) => {
          if (sending !== undefined && NOT_SENT.has((error as { code?: unknown }).code)) sending.unanswered--;
          throw error;
        });
        const { headers, statusCode } = result.response as { headers?: Record<string, string>; statusCode?: number };
        if (sending !== undefined && !NO_ANSWER.has(statusCode)) sending.unanswered--;
        const timeMs = Date.parse(headers?.["date"] ?? "");
        if (!Number.isNaN(timeMs)) answeredMs = timeMs;
        return result;
      },
      { step: "deserialize", name: "checkAndTakeTime", priority: "low" },
    );
    return { sdk, client };
  }
  const many = lazy(() => connect(limits.tries));
  const single = lazy(() => connect(1));

  return {
    url: `s3://${name}`,
    name,
    serverTimeMs: () => answeredMs,
    async request(ask, { once = false, beforeTry, onUnanswered, insist = false, totalMs = Infinity, signal } = {}) {
      const { sdk, client } = await (once ? single : many)();
      const late = AbortSignal.timeout(Math.min(limits.totalMs, totalMs));
      const either = signal === undefined ? late : AbortSignal.any([late, signal]);
      // A body that stalls is noticed here: the SDK's own limits end with the answer's head.
      const send = () => orAborted(ask(sdk, client, either), either);
      const sending: Sending = { beforeTry, unanswered: 0 };
      const sendOnce = () => sendings.run(sending, () => (once ? againWhenSkewed(send) : send()));
      try {
        return await circuit(sendOnce, { insist });
      } finally {
        if (sending.unanswered > 0) onUnanswered?.();
      }
    },
  };
}

function clientConfig(settings: S3Settings, limits: S3Limits): S3ClientConfig {
  const { endpoint, region, forcePathStyle = endpoint !== undefined, credentials } = settings;
  return {
    ...(endpoint !== undefined && { endpoint }),
    // Others than AWS know one region, by any name.
    ...((region !== undefined || endpoint !== undefined) && { region: region ?? "us-east-1" }),
    ...(credentials && { credentials }),
    forcePathStyle,
    // What the SDK does by default, other stores refuse. Bodies are signed by their sha256 and carry their MD5.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: {
      connectionTimeout: limits.connectMs,
      requestTimeout: limits.answerMs,
      throwOnRequestTimeout: true,
      socketTimeout: limits.answerMs,
      httpAgent: { keepAlive: true, maxSockets: 64 },
      httpsAgent: { keepAlive: true, maxSockets: 64 },
    },
  };
}

/** A request whose time was refused has done nothing, and the SDK knows the store's time now. */
async function againWhenSkewed<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if ((error as Error).name !== "RequestTimeTooSkewed") throw error;
    return await send();
  }
}

/** Made at the first call; a failure isn't kept. */
function lazy<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
