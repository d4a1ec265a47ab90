/**
 * Answers given before, which may be given again while nothing they were made from has changed: the catalog is at
 * the same revision, and it is the same day (an archive of today is cached by clients in another way).
 * Owns when that holds, and how much memory it takes; the routes say which answers are reusable.
 */
import { LRUCache } from "lru-cache";
import type { Catalog } from "../catalog/catalog.ts";
import { dayOf, dayStartMs } from "../model/day.ts";
import type { Answer } from "./answer.ts";
import { keepSecondAsked } from "./second-ask.ts";

const LIMIT_BYTES = 16 * 1024 * 1024;
/** About what a Map entry and the headers take beside key and body. */
const ENTRY_BYTES = 1024;
const DAY_MS = 86_400_000;

export interface KnownAnswer {
  answer: Answer;
  route: string;
}

export interface KnownAnswers {
  find(key: string): KnownAnswer | undefined;
  /** Which state an answer is made from; taken before its making, so that a change meanwhile is seen. */
  state(): number;
  /** Keeps an answer made from `state`; an answer from a state that is over is let go. */
  keep(key: string, known: KnownAnswer, state: number): void;
}

export function createKnownAnswers(catalog: Pick<Catalog, "revision">, clock: () => number): KnownAnswers {
  const kept = new LRUCache<string, KnownAnswer>({
    maxSize: LIMIT_BYTES,
    sizeCalculation: ({ answer }, key) => ENTRY_BYTES + 2 * key.length + (answer.body?.length ?? 0),
  });
  const answers = keepSecondAsked(kept);
  let state = 0;
  let revision = Number.NaN;
  let dayStart = Number.POSITIVE_INFINITY;
  let dayEnd = Number.NEGATIVE_INFINITY;

  const refresh = (): number => {
    const nowMs = clock();
    const current = revisionOf(catalog);
    if (current !== revision || nowMs >= dayEnd || nowMs < dayStart) {
      revision = current;
      dayStart = dayStartMs(dayOf(nowMs));
      dayEnd = dayStart + DAY_MS;
      state += 1;
      kept.clear();
    }
    return state;
  };

  return {
    find(key) {
      refresh();
      return answers.get(key);
    },
    state: refresh,
    keep(key, known, madeFrom) {
      if (refresh() === madeFrom) answers.set(key, () => known);
    },
  };
}

/** NaN, which is like no other, while the catalog can't tell: whoever asks it then hears why. */
function revisionOf(catalog: Pick<Catalog, "revision">): number {
  try {
    return catalog.revision();
  } catch {
    return Number.NaN;
  }
}
