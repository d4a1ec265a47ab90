/**
 * Waiting for the word to stop: SIGTERM from a service manager, SIGINT from a person, SIGHUP from a terminal that closes.
 */
import { ShutDown } from "../model/errors.ts";

/** After this long the program ends whatever is still open; what was acknowledged is on disk by then. */
const LAST_RESORT_MS = 9500;

/** Aborted when the program is told to stop, for long work that can end between two days. */
export function stopSignal(): AbortSignal {
  stopping ??= listen();
  return stopping;
}

/** One for the process, as its signals are. */
let stopping: AbortSignal | undefined;

function listen(): AbortSignal {
  const stopping = new AbortController();
  // Work that is broken off has failed; whoever waits for the command mustn't take it for done.
  void untilStopped(1).then((signal) => stopping.abort(new ShutDown(`Stopped by ${signal}; what was done stays`)));
  return stopping.signal;
}

/** npm passes on the signal that a terminal has sent to all of them: what comes as soon as this is no second word. */
const SAME_WORD_MS = 500;

/**
 * Resolves with the first signal; a second one ends the program at once. Listens from the call on.
 * @param lateStatus the exit status where the program doesn't end in time
 */
export function untilStopped(lateStatus = 0): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let askedMs: number | undefined;
    const stop = (signal: NodeJS.Signals): void => {
      if (askedMs !== undefined) {
        if (performance.now() - askedMs > SAME_WORD_MS) process.exit(1);
        return;
      }
      askedMs = performance.now();
      setTimeout(() => process.exit(lateStatus), LAST_RESORT_MS).unref();
      resolve(signal);
    };
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => stop(signal));
  });
}
