/**
 * The outbox: how the alerts stand, and the messages that nobody has taken yet, in one small file.
 * A change and its message are written together before it is sent, so that a restart neither repeats nor loses one; a
 * stop between the sending and the writing sends it twice, with the same `id`. The messages of one alert are sent in
 * order; a message that the hook refuses holds up those of no other alert, and is given up after a day of refusals.
 */
import { randomUUID } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join, parse } from "node:path";
import type { Logger } from "pino";
import { z } from "zod";
import { nodeFileSystem } from "../archive/file-system.ts";
import { replaceFile } from "../archive/fs-write.ts";
import { ALERT_KINDS, type AlertChange, type AlertStates } from "./alert-rules.ts";

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

const State = z.object({ isFiring: z.boolean(), sinceMs: z.number(), extent: z.number().optional() });
/** A message that nobody has taken yet, and how often the hook has answered that it doesn't want it. */
const Waiting = z.object({ message: Message, refusals: z.number() });
/** An older version kept the message alone. */
const Kept = z.union([Waiting, Message.transform((message) => ({ message, refusals: 0 }))]);
const File = z.object({
  states: z.partialRecord(z.enum(ALERT_KINDS), State),
  waiting: z.array(Kept),
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
  /** After so many a message is given up. */
  mostRefusals?: number;
}

/** A hook that is gone for months must not fill the disk; the oldest messages go. */
const MOST_WAITING = 100;
const LONGEST_RETRY_MS = 600_000;
const ANSWER_LIMIT_MS = 10_000;
/** At the longest pauses that is a day: time enough to mend a hook that was set up wrongly. */
const MOST_REFUSALS = 150;
/** Answers of a hook that isn't there at the moment, or has too much to do: they say nothing about the message. */
const COMES_BACK = new Set([408, 425, 429, 502, 503, 504]);

/** What came of sending a message. `isRefused`: there is a hook, and it doesn't want this one. */
interface Answer {
  isTaken: boolean;
  isRefused: boolean;
  problem: string | undefined;
}

const TAKEN: Answer = { isTaken: true, isRefused: false, problem: undefined };

/** Beside the catalog, which can be deleted: how the alerts stand can't be told again by anything. */
export function outboxPathOf(catalogPath: string): string | undefined {
  if (catalogPath === ":memory:") return undefined;
  const { dir, name } = parse(catalogPath);
  return join(dir, `${name}-alerts.json`);
}

export async function openOutbox(options: OutboxOptions): Promise<Outbox> {
  const { path, url, version, log, firstRetryMs = 5000, mostRefusals = MOST_REFUSALS } = options;
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

  /** Sends what waits, in order, and once more later what wasn't taken. */
  async function send(): Promise<void> {
    const heldUp = new Set<string>();
    for (const { message } of memory.waiting) {
      if (closing.signal.aborted) return;
      if (heldUp.has(message.alert)) continue;
      const answer = url === undefined ? TAKEN : await post(url, message);
      if (closing.signal.aborted && !answer.isTaken) return;
      await settle(message, answer);
      if (answer.isTaken) retryMs = firstRetryMs;
      else if (!answer.isRefused) break; // whoever doesn't take this one takes no other now
      else if (memory.waiting.some(({ message: { id } }) => id === message.id)) heldUp.add(message.alert);
    }
    if (memory.waiting.length === 0) return;
    clearTimeout(retry);
    retry = setTimeout(sendInTurn, retryMs).unref();
    retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS);
  }

  /** Writes down what came of a message. */
  async function settle(message: AlertMessage, { isTaken, isRefused, problem }: Answer): Promise<void> {
    const { alert } = message;
    const refusals = (memory.waiting.find((one) => one.message.id === message.id)?.refusals ?? 0) + Number(isRefused);
    const isGivenUp = refusals >= mostRefusals;
    if (isGivenUp) log.error({ message, problem, refusals }, "an alert was always refused; it is given up");
    else if (!isTaken)
      log.warn({ alert, problem, retryMs, refusals }, "an alert was not taken; it is sent again later");
    const waiting = memory.waiting.flatMap((one) => {
      if (one.message.id !== message.id) return [one];
      return isTaken || isGivenUp ? [] : [{ message, refusals }];
    });
    memory = { ...memory, waiting };
    if (isTaken || isRefused) await save();
  }

  function sendInTurn(): void {
    clearTimeout(retry);
    sending = sending.then(send);
  }

  async function post(to: string, message: AlertMessage): Promise<Answer> {
    try {
      const response = await fetch(to, {
        method: "POST",
        headers: { "Content-Type": "application/json", "User-Agent": `etna-archive/${version}` },
        body: JSON.stringify(message),
        redirect: "manual", // a POST that is sent elsewhere would arrive there as a GET
        signal: AbortSignal.any([closing.signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]),
      });
      await response.body?.cancel();
      const { ok: isTaken, status } = response;
      const problem = `the hook answered ${status}`;
      return isTaken ? TAKEN : { isTaken, isRefused: !COMES_BACK.has(status), problem };
    } catch (error) {
      const { message: text, cause } = error as Error;
      return { isTaken: false, isRefused: false, problem: cause instanceof Error ? cause.message : text };
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
      const waiting = [...memory.waiting, ...messages.map((message) => ({ message, refusals: 0 }))];
      for (const { message } of waiting.slice(0, -MOST_WAITING))
        log.error({ message }, "too many alerts wait for the hook; the oldest is given up");
      memory = { states, free, waiting: waiting.slice(-MOST_WAITING) };
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
