/**
 * What makes the page up to date by itself: one subscription for the whole page, made anew whenever it breaks.
 * Owns whether the server can be heard, and a count that grows when there may be something new; queries watch it.
 * A page in the background lets go of its connection, since browsers allow a server six in all.
 */
import { AskFailed, subscribe } from "./client.ts";
import { ArchivedDocument } from "./operations.ts";
import { createStore } from "./store.ts";

/** REFUSED: there is an answer, but one that sends the page away, such as that of a server with too much to do. */
export type Connection = "CONNECTING" | "OPEN" | "LOST" | "REFUSED";

export const connection = createStore<Connection>("CONNECTING");
/** Grows when what was read before may be out of date. */
export const news = createStore(0);

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
/** However long the server would have us wait. */
const LONGEST_TOLD_WAIT_MS = 3_600_000;
/** A page that is hidden for a moment, as when tabs are changed, keeps its connection. */
const HIDDEN_MS = 60_000;

let visible = Promise.withResolvers<void>();
let connected = new AbortController();
let isTokenAwaited = false;
let hiding: ReturnType<typeof setTimeout> | undefined;

/** Follows the server for as long as the page lives. */
export async function followServer(): Promise<never> {
  document.addEventListener("visibilitychange", watchVisibility);
  addEventListener("online", hurry);
  addEventListener("offline", letGo);
  watchVisibility();
  let waitMs = FIRST_WAIT_MS;
  let hasMissed = false;
  for (;;) {
    await visible.promise;
    connected = new AbortController();
    const { signal } = connected;
    let toldWaitMs = 0;
    let openedMs = Number.POSITIVE_INFINITY;
    try {
      const onOpen = (): void => {
        connection.set("OPEN");
        // Whatever came, or couldn't be asked for, while nobody listened.
        if (hasMissed) news.set(news.get() + 1);
        openedMs = performance.now();
      };
      for await (const _archived of subscribe(ArchivedDocument, {}, { signal, onOpen })) news.set(news.get() + 1);
    } catch (error) {
      if (error instanceof AskFailed) {
        if (error.kind === "TOKEN_NEEDED" || error.kind === "TOKEN_WRONG") {
          isTokenAwaited = true;
          await tokenGiven();
          isTokenAwaited = false;
          continue; // whoever gives it has everything asked for anew
        }
        const isAway = error.kind === "UNREACHABLE";
        connection.set(isAway ? "LOST" : "REFUSED");
        // Who isn't told of news looks for them: queries may be answered all the same.
        if (!isAway && hasMissed) news.set(news.get() + 1);
        toldWaitMs = Math.min(error.retryAfterMs ?? 0, LONGEST_TOLD_WAIT_MS);
      }
    }
    hasMissed = true;
    // One that ends as soon as it is open is no better than one that can't be had.
    if (performance.now() - openedMs > LONGEST_WAIT_MS) waitMs = FIRST_WAIT_MS;
    // A page that let go by itself comes back when it is seen; all others wait, also while they are hidden.
    if (!signal.aborted) await pause(toldWaitMs + waitMs * (0.75 + Math.random() / 2));
    waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
  }
}

let endPause = (): void => {};
const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    endPause = resolve;
    setTimeout(resolve, ms);
  });

/** Tries again at once, as when the device is on a network again. */
function hurry(): void {
  endPause();
}

/** The device has left its network. An open connection would take most of a minute to be missed; a new one tells at once. */
function letGo(): void {
  if (isTokenAwaited) return;
  connection.set("LOST");
  connected.abort();
}

let tokens = Promise.withResolvers<void>();
const tokenGiven = (): Promise<void> => tokens.promise;

/** Call it when a token for reading was given: everything is asked for anew. */
export function tokenChanged(): void {
  tokens.resolve();
  tokens = Promise.withResolvers();
  news.set(news.get() + 1);
}

/** The reader wants to know now: everything is asked for anew, and whether the server can be heard. */
export function tryAgain(): void {
  news.set(news.get() + 1);
  hurry();
}

function watchVisibility(): void {
  clearTimeout(hiding);
  if (!document.hidden) return visible.resolve();
  hiding = setTimeout(() => {
    visible = Promise.withResolvers();
    connected.abort();
  }, HIDDEN_MS);
}
