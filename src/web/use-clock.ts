/** The time by the server's clock, looked at often enough for ages in minutes. */
import { useEffect, useState } from "preact/hooks";
import { serverNow } from "./client.ts";

const EVERY_MS = 10_000;

/** Milliseconds since 1970. */
export function useClock(): number {
  const [nowMs, setNowMs] = useState(serverNow);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(serverNow()), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}
