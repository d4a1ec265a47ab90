/**
 * Waiting for the word to stop: SIGTERM from a service manager, SIGINT from a person.
 */

/** After this long the program ends whatever is still open; what was acknowledged is on disk by then. */
const LAST_RESORT_MS = 9500;

/** Resolves with the first signal; a second one ends the program at once. Listens from the call on. */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => {
        resolve(signal);
        setTimeout(() => process.exit(0), LAST_RESORT_MS).unref();
        process.once(signal, () => process.exit(1));
      });
    }
  });
}
