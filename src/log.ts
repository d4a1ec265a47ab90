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
  if (!pretty) return pino.destination({ fd: 2, sync: true });
  const { default: prettyStream } = await import("pino-pretty");
  return prettyStream({
    destination: 2,
    sync: true,
    translateTime: "UTC:yyyy-mm-dd HH:MM:ss'Z'",
    ignore: "pid,hostname",
  });
}
