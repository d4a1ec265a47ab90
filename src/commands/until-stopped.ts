/**
 * Waiting for the word to stop: SIGTERM from a service manager, SIGINT from a person.
 */

/** After this long the program ends whatever is still open; what was acknowledged is on disk by then. */
const LAST_RESORT_MS = 9500;

/** Resolves with the first signal; a second one ends the program at once. Listens from the call on. */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = (signal: NodeJS.Signals): void => {
      if (asked) process.exit(1);
      asked = true;
      setTimeout(() => process.exit(0), LAST_RESORT_MS).unref();
      resolve(signal);
    };
    process.on("SIGTERM", () => stop("SIGTERM"));
    process.on("SIGINT", () => stop("SIGINT"));
  });
}
