/**
 * The outbox: how the alerts stand, and the messages that nobody has taken yet, in one small file.
 * A change and its message are written together before it is sent, so that a restart neither repeats nor loses one; a
 * stop between the sending and the writing sends it twice, with the same `id`.
 */
import { randomUUID } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Logger } from "pino";
import { z } from "zod";
import { nodeFileSystem } from "../archive/file-system.ts";
import { replaceFile } from "../archive/fs-write.ts";
import type { AlertChange, AlertStates } from "./alert-rules.ts";

const Message = z.object({
  id: z.string(),
  service: z.literal("etna-archive"),
  version: z.string(),
  alert: z.string(),
  state: z.enum(["FIRING", "RESOLVED"]),
  since: z.string(),
  at: z.string(),
  text: z.string(),
});
/** What is posted, as JSON. */
export type AlertMessage = z.infer<typeof Message>;

const State = z.object({ isFiring: z.boolean(), sinceMs: z.number() });
const Kind = z.enum(["RUNS_FAILING", "DAY_MISSED", "DAMAGE_FOUND", "BACKUP_FAILED", "DISK_FILLING"]);
const File = z.object({
  states: z.partialRecord(Kind, State),
  waiting: z.array(Message),
  /** How much of the disk was free, and when. */
  free: z.array(z.object({ atMs: z.number(), bytes: z.number() })),
});
export type AlertMemory = z.infer<typeof File>;

export interface Outbox extends AsyncDisposable {
  readonly memory: Readonly<AlertMemory>;
  /** Writes down how the alerts stand now, and sends what has changed. */
  put(states: AlertStates, changes: readonly AlertChange[], free: AlertMemory["free"]): Promise<void>;
}

export interface OutboxOptions {
  /** Of the file; `undefined`: in memory alone. */
  path: string | undefined;
  /** Where messages are posted; `undefined`: they are logged alone. */
  url: string | undefined;
  version: string;
  log: Logger;
  /** Until the second try; the pause doubles with each one, up to ten minutes. */
  firstRetryMs?: number;
  timeoutMs?: number;
}

/** A hook that is gone for months must not fill the disk; the oldest messages go. */
const MOST_WAITING = 100;
const LONGEST_RETRY_MS = 600_000;

export async function openOutbox(options: OutboxOptions): Promise<Outbox> {
  const { path, url, version, log, firstRetryMs = 5000, timeoutMs = 10_000 } = options;
  let memory = await readMemory(path, log);
  const closing = new AbortController();
  let saving = Promise.resolve();
  let sending = Promise.resolve();
  let retry: NodeJS.Timeout | undefined;
  let retryMs = firstRetryMs;

  /** One after the other, so that what was known last is what stays. */
  function save(): Promise<void> {
    saving = saving.then(async () => {
      if (path === undefined) return;
      try {
        await mkdir(dirname(path), { recursive: true });
        await replaceFile(nodeFileSystem, path, Buffer.from(JSON.stringify(memory)), Date.now());
      } catch (error) {
        log.error({ err: error }, "how the alerts stand could not be written down"); // and they are told all the same
      }
    });
    return saving;
  }

  /** Sends what waits, in order, until one isn't taken. */
  async function send(): Promise<void> {
    for (let message = memory.waiting[0]; message !== undefined; message = memory.waiting[0]) {
      if (closing.signal.aborted) return;
      const problem = url === undefined ? undefined : await post(url, message);
      if (problem !== undefined) {
        if (closing.signal.aborted) return;
        log.warn({ alert: message.alert, problem, retryMs }, "an alert was not taken; it is sent again later");
        retry = setTimeout(sendInTurn, retryMs).unref();
        retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS);
        return;
      }
      retryMs = firstRetryMs;
      memory = { ...memory, waiting: memory.waiting.filter(({ id }) => id !== message.id) };
      await save();
    }
  }

  function sendInTurn(): void {
    clearTimeout(retry);
    sending = sending.then(send);
  }

  /** @returns why it wasn't taken */
  async function post(to: string, message: AlertMessage): Promise<string | undefined> {
    try {
      const response = await fetch(to, {
        method: "POST",
        headers: { "Content-Type": "application/json", "User-Agent": `etna-archive/${version}` },
        body: JSON.stringify(message),
        redirect: "manual", // a POST that is sent elsewhere would arrive there as a GET
        signal: AbortSignal.any([closing.signal, AbortSignal.timeout(timeoutMs)]),
      });
      await response.body?.cancel();
      return response.ok ? undefined : `the hook answered ${response.status}`;
    } catch (error) {
      const { message: text, cause } = error as Error;
      return cause instanceof Error ? cause.message : text;
    }
  }

  if (memory.waiting.length > 0) sendInTurn();
  return {
    get memory() {
      return memory;
    },
    async put(states, changes, free) {
      const messages = changes.map(({ kind, state, sinceMs, atMs, text }): AlertMessage => {
        const since = new Date(sinceMs).toISOString();
        if (state === "FIRING") log.error({ alert: kind, since }, text);
        else log.info({ alert: kind, since }, text);
        const at = new Date(atMs).toISOString();
        return { id: randomUUID(), service: "etna-archive", version, alert: kind, state, since, at, text };
      });
      memory = { states, free, waiting: [...memory.waiting, ...messages].slice(-MOST_WAITING) };
      await save();
      if (messages.length > 0) sendInTurn();
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      clearTimeout(retry);
      await sending;
      clearTimeout(retry);
      await saving;
    },
  };
}

async function readMemory(path: string | undefined, log: Logger): Promise<AlertMemory> {
  const empty: AlertMemory = { states: {}, waiting: [], free: [] };
  if (path === undefined) return empty;
  try {
    return File.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT")
      log.warn({ err: error }, "how the alerts stood can't be read; they begin anew");
    return empty;
  }
}
