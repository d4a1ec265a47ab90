/** The time by the server's clock, looked at often enough for ages in minutes. */
import { useEffect, useState } from "preact/hooks";
import { serverAhead, serverNow } from "./client.ts";
import { useStore } from "./store.ts";

const EVERY_MS = 10_000;

/** Milliseconds since 1970. */
export function useClock(): number {
  const [, setTicks] = useState(0);
  useStore(serverAhead); // ages are right as soon as the server's clock is known
  useEffect(() => {
    const timer = setInterval(() => setTicks((ticks) => ticks + 1), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return serverNow();
}
