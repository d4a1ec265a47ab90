/**
 * Progress of long work: a bar on a terminal, a plain line now and then elsewhere.
 */
import type { CommandContext } from "./context.ts";

export interface Progress extends Disposable {
  update(done: number, total: number): void;
}

/** Lines are printed at each tenth of the work. */
const TENTHS = 10;

export async function startProgress(
  what: string,
  { isTerminal, say }: Pick<CommandContext, "isTerminal" | "say">,
): Promise<Progress> {
  if (isTerminal) {
    const { SingleBar } = await import("cli-progress"); // nobody else waits for it
    const bar = new SingleBar({ format: `${what} {bar} {value}/{total}  {eta_formatted} left`, clearOnComplete: true });
    let isShown = false;
    return {
      update(done, total) {
        if (isShown) bar.update(done);
        else bar.start(total, done);
        isShown = done < total;
        if (!isShown) bar.stop(); // the result is printed next, and not behind the bar
      },
      [Symbol.dispose]: () => bar.stop(),
    };
  }
  let saidTenths = 0;
  return {
    update(done, total) {
      const tenths = Math.floor((TENTHS * done) / total);
      if (tenths > saidTenths) say(`${what}: ${done} of ${total}`);
      saidTenths = Math.max(saidTenths, tenths);
    },
    [Symbol.dispose]() {},
  };
}
