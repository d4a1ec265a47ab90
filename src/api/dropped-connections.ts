/**
 * Connections that are closed at once, for want of room. Owns how the log hears of them: of the first at once, and of
 * those that follow together, once a minute, since who floods a server mustn't fill its disk too.
 */
import type { Logger } from "pino";

const TELL_EACH_MS = 60_000;

export interface DroppedConnections extends Disposable {
  /** @param peer the address that it came from, where that is known */
  add(peer: string | undefined): void;
}

export function createDroppedConnections(log: Logger): DroppedConnections {
  let untold = 0;
  let lastPeer: string | undefined;
  let minute: NodeJS.Timeout | undefined;

  function tell(): void {
    log.warn({ count: untold, peer: lastPeer }, "Connections were closed, as there are as many as may be");
    untold = 0;
  }
  function endMinute(): void {
    clearInterval(minute);
    minute = undefined;
  }

  return {
    add(peer) {
      untold++;
      lastPeer = peer;
      if (minute !== undefined) return;
      tell();
      minute = setInterval(() => (untold > 0 ? tell() : endMinute()), TELL_EACH_MS).unref();
    },
    [Symbol.dispose]() {
      if (untold > 0) tell();
      endMinute();
    },
  };
}
