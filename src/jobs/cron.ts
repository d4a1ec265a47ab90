/** A job that runs by itself. A failing run never stops its schedule, and a run that is due while one goes on is skipped. */
import { Cron } from "croner";
import type { Logger } from "pino";

export const EACH_MINUTE = "* * * * *";
export const EACH_FIVE_SECONDS = "*/5 * * * * *";

/** @param pattern five or six fields, UTC; `undefined`: never */
export function startCron(pattern: string | undefined, work: () => Promise<unknown>, log: Logger): Disposable {
  if (pattern === undefined) return { [Symbol.dispose]() {} };
  const logged = (error: unknown): void => log.error({ err: error, pattern }, "a scheduled job failed");
  const cron = new Cron(pattern, { timezone: "UTC", protect: true, unref: true, catch: logged }, async () => {
    await work();
  });
  return { [Symbol.dispose]: () => cron.stop() };
}
