/** What a command says of days that were kept though retention has passed them. */
import { isExpired, lastExpiredDay } from "../archive/retention.ts";
import { dayOf, type Day } from "../model/day.ts";
import type { CommandContext } from "./context.ts";

/** Those whose pictures the next cleanup will remove. */
export function expiring(days: readonly Day[], retentionDays: number, { clock }: Pick<CommandContext, "clock">): Day[] {
  const last = lastExpiredDay(dayOf(clock()), retentionDays);
  return days.filter((day) => isExpired(day, last));
}

export function sayWhatExpires(days: readonly Day[], retentionDays: number, context: CommandContext): void {
  const { length } = expiring(days, retentionDays, context);
  if (length > 0)
    context.say(`${length} are older than the ${retentionDays} days kept: the next cleanup will remove their pictures`);
}
