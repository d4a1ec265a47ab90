/**
 * The log: pino, one JSON line per event on standard error; readable lines where a person is looking.
 * Owns its form and what never gets into it.
 */
import { pino, type DestinationStream, type Logger } from "pino";
import type { LogLevel } from "./config.ts";

export interface LogOptions {
  level: LogLevel;
  /** `undefined`: pretty on a terminal. */
  pretty: boolean | undefined;
}

export async function createLog({ level, pretty }: LogOptions): Promise<Logger> {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ["headers.authorization", "req.headers.authorization", "token"],
  };
  return pino(options, await destination(pretty ?? process.stderr.isTTY ?? false));
}

async function destination(pretty: boolean): Promise<DestinationStream> {
  const stderr = pino.destination({ fd: 2, sync: true });
  // Where nobody takes it any more, as after a terminal has closed, the work is still brought to its end.
  stderr.on("error", () => {});
  if (!pretty) return stderr;
  const { default: prettyStream } = await import("pino-pretty");
  return prettyStream({
    destination: stderr,
    translateTime: "UTC:yyyy-mm-dd HH:MM:ss'Z'",
    ignore: "pid,hostname",
  });
}
