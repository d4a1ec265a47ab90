/**
 * Answers that are sent as they come: subscriptions, which have no end, and exports of the record.
 * Owns how many of each are sent at once, so that nobody fills the memory with what he leaves unread.
 */
import { Busy } from "../model/errors.ts";

/** A subscription takes some 65 kB, an export up to 1.5 MB (500 days of the record, and the piece that it is at). */
export const MOST_OPEN = { subscription: 1000, export: 100 } as const;
export type StreamKind = keyof typeof MOST_OPEN;
export type MostOpen = Readonly<Record<StreamKind, number>>;

export interface OpenStreams {
  /** Counts one in; call what it answers at the stream's end. `undefined` where there are as many as may be. */
  enter(kind: StreamKind): (() => void) | undefined;
  count(kind: StreamKind): number;
}

export function createOpenStreams(most: MostOpen): OpenStreams {
  const open = { subscription: 0, export: 0 };
  return {
    enter(kind) {
      if (open[kind] >= most[kind]) return undefined;
      open[kind]++;
      let isIn = true;
      return () => {
        if (isIn) open[kind]--;
        isIn = false;
      };
    },
    count: (kind) => open[kind],
  };
}

export function tooMany(kind: StreamKind, most: MostOpen): Busy {
  return new Busy(`${most[kind]} ${kind}s are open, which is as many as this server allows; try again later`);
}
