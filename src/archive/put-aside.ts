/**
 * Putting aside what is damaged, before it is written over: it may be all that there is of another plot, or tell where one
 * came from. It stays in its place, too, until what replaces it is written.
 */
import type { Day } from "../model/day.ts";
import { recordKey } from "./keys.ts";
import type { DayContents } from "./reader.ts";
import { NewerRecord } from "./record-file.ts";
import type { Store } from "./store.ts";

/** Call it inside of `exclusively`. */
export async function putAsideDamaged(
  store: Store,
  day: Day,
  { picture, recordProblem }: Partial<Pick<DayContents, "picture" | "recordProblem">>,
): Promise<void> {
  if (picture?.damage !== undefined) await store.quarantine(picture.key, true);
  if (recordProblem !== undefined && !(recordProblem instanceof NewerRecord))
    await store.quarantine(recordKey(day), true);
}
