/**
 * A circuit breaker: where a server has failed several times in a row, it is let alone for a while, and who asks hears
 * so at once in place of waiting for it to fail again.
 */

export interface CircuitOptions {
  /** Failures in a row until it opens. */
  failures: number;
  /** How long it stays open, ms; then one is let through to try. */
  restMs: number;
  monotonic?: () => number;
}

export class CircuitOpen extends Error {
  override name = "CircuitOpen";
  readonly code = "EAGAIN";
}

/** `insist`: asks it though it is let alone; how that ends is known to all. */
export type Circuit = <T>(work: () => Promise<T>, options?: { insist?: boolean }) => Promise<T>;

/** @param isFailure of the server, and not of what was asked */
export function createCircuit(
  isFailure: (error: unknown) => boolean,
  { failures, restMs, monotonic = () => performance.now() }: CircuitOptions,
): Circuit {
  let inARow = 0;
  let openUntilMs = -Infinity;
  let last: unknown;

  return async (work, { insist = false } = {}) => {
    if (inARow >= failures && !insist) {
      const nowMs = monotonic();
      if (nowMs < openUntilMs)
        throw new CircuitOpen(`it failed ${inARow} times in a row, and is asked again soon`, { cause: last });
      openUntilMs = nowMs + restMs; // who comes now tries; whoever comes meanwhile doesn't
    }
    try {
      const result = await work();
      inARow = 0;
      return result;
    } catch (error) {
      if (!isFailure(error)) inARow = 0;
      else {
        last = error;
        if (++inARow >= failures) openUntilMs = monotonic() + restMs * (0.75 + Math.random() / 2);
      }
      throw error;
    }
  };
}
