/**
 * What makes the page up to date by itself: one subscription for the whole page, made anew whenever it breaks.
 * Owns whether the server can be heard, and a count that grows when there may be something new; queries watch it.
 * A page in the background lets go of its connection, since browsers allow a server six in all.
 */
import { AskFailed, subscribe } from "./client.ts";
import { ArchivedDocument } from "./operations.ts";
import { createStore } from "./store.ts";

export type Connection = "CONNECTING" | "OPEN" | "LOST";

export const connection = createStore<Connection>("CONNECTING");
/** Grows when what was read before may be out of date. */
export const news = createStore(0);

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
/** A page that is hidden for a moment, as when tabs are changed, keeps its connection. */
const HIDDEN_MS = 60_000;

let visible = Promise.withResolvers<void>();
let connected = new AbortController();
let hiding: ReturnType<typeof setTimeout> | undefined;

/** Follows the server for as long as the page lives. */
export async function followServer(): Promise<never> {
  document.addEventListener("visibilitychange", watchVisibility);
  addEventListener("online", hurry);
  watchVisibility();
  let waitMs = FIRST_WAIT_MS;
  let wasOpen = false;
  for (;;) {
    await visible.promise;
    connected = new AbortController();
    const { signal } = connected;
    try {
      const onOpen = (): void => {
        connection.set("OPEN");
        // Whatever came while nobody listened.
        if (wasOpen) news.set(news.get() + 1);
        wasOpen = true;
        waitMs = FIRST_WAIT_MS;
      };
      for await (const _archived of subscribe(ArchivedDocument, {}, { signal, onOpen })) news.set(news.get() + 1);
    } catch (error) {
      if (error instanceof AskFailed) {
        if (error.kind === "UNREACHABLE") connection.set("LOST");
        else await tokenGiven();
      }
    }
    if (!document.hidden) await pause(waitMs * (0.75 + Math.random() / 2));
    waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
  }
}

let endPause = (): void => {};
const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    endPause = resolve;
    setTimeout(resolve, ms);
  });

/** Tries again at once, as when the reader asks for it. */
export function hurry(): void {
  endPause();
}

let tokens = Promise.withResolvers<void>();
const tokenGiven = (): Promise<void> => tokens.promise;

/** Call it when a token for reading was given: everything is asked for anew. */
export function tokenChanged(): void {
  tokens.resolve();
  tokens = Promise.withResolvers();
  news.set(news.get() + 1);
}

function watchVisibility(): void {
  clearTimeout(hiding);
  if (!document.hidden) return visible.resolve();
  hiding = setTimeout(() => {
    visible = Promise.withResolvers();
    connected.abort();
  }, HIDDEN_MS);
}
