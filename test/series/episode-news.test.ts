import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { CADENCE_MS } from "../../src/model/series.ts";
import { toColumns } from "../../src/series/columns.ts";
import { findNews, type ToldEpisode } from "../../src/series/episode-news.ts";
import { findEpisodes, type Episode } from "../../src/series/episodes.ts";

/** From one step to another; one without an end runs, and is known for ten steps. */
const episode = (onset: number, end?: number): Episode => ({
  onsetMs: onset * CADENCE_MS,
  endMs: end === undefined ? undefined : end * CADENCE_MS,
  endsInGap: false,
  peak: { timeMs: onset * CADENCE_MS, rmsMv: 3, clipped: false },
  durationMs: ((end ?? onset + 10) - onset) * CADENCE_MS,
  riseMs: 0,
  squaredIntegralMv2S: 0,
  count: 3,
});

/** What is told of lists of episodes, one after the other; the memory goes through JSON, as it does in the catalog. */
function tell(...lists: Episode[][]): string[][] {
  let memory: ToldEpisode[] = [];
  return lists.map((found) => {
    const { told, changes } = findNews(memory, found);
    memory = JSON.parse(JSON.stringify(told));
    return changes.map(({ kind, episode: { onsetMs } }) => `${kind} ${onsetMs / CADENCE_MS}`);
  });
}

const running = ["STARTED 5"];
const over = ["STARTED 5", "ENDED 5"];

describe("of episodes it is told once", () => {
  for (const { name, lists, expected } of [
    { name: "that one begins", lists: [[], [episode(5)], [episode(5)]], expected: [[], running, []] },
    {
      name: "that it ends",
      lists: [[episode(5)], [episode(5, 30)], [episode(5, 30)]],
      expected: [running, ["ENDED 5"], []],
    },
    { name: "both at once", lists: [[], [episode(5, 30)]], expected: [[], over] },
    {
      name: "and of the next one",
      lists: [[episode(5, 30)], [episode(5, 30), episode(50)]],
      expected: [over, ["STARTED 50"]],
    },
    { name: "though its onset moves earlier", lists: [[episode(5)], [episode(3)]], expected: [running, []] },
    { name: "though its onset moves later", lists: [[episode(5)], [episode(9)]], expected: [running, []] },
    {
      name: "though its onset moves past all that was known of it",
      lists: [[episode(5, 8)], [], [episode(9)], [episode(9, 40)]],
      expected: [over, [], [], []],
    },
    {
      name: "though its end moves",
      lists: [[episode(5, 30)], [episode(5, 28)], [episode(5, 33)]],
      expected: [over, [], []],
    },
    {
      name: "though a plot takes it away and another brings it back",
      lists: [[episode(5)], [], [], [episode(5)], [], [episode(6, 30)]],
      expected: [running, [], [], [], [], ["ENDED 6"]],
    },
    {
      name: "though it had ended when it was taken away",
      lists: [[episode(5, 30)], [], [episode(5, 30)]],
      expected: [over, [], []],
    },
    {
      name: "though it goes on after its end, which a late plot fills",
      lists: [[episode(5, 8)], [episode(5)], [episode(5, 60)]],
      expected: [over, [], []],
    },
    {
      name: "of the second of two that a running one parts in",
      lists: [[episode(5)], [episode(5, 7), episode(14)], [episode(5, 7), episode(14, 40)]],
      expected: [running, ["ENDED 5", "STARTED 14"], ["ENDED 14"]],
    },
    {
      name: "of the second of two that one which ended parts in",
      lists: [[episode(5, 30)], [episode(5, 10), episode(20, 30)]],
      expected: [over, ["STARTED 20", "ENDED 20"]],
    },
    {
      name: "when two join and part again",
      lists: [
        [episode(5, 10), episode(20)],
        [episode(5)],
        [episode(5, 10), episode(20)],
        [episode(5, 40)],
        [episode(5, 10), episode(20, 40)],
      ],
      expected: [[...over, "STARTED 20"], [], [], ["ENDED 5"], []],
    },
    {
      name: "when two that ended join",
      lists: [[episode(5, 10), episode(20, 30)], [episode(5, 30)]],
      expected: [[...over, "STARTED 20", "ENDED 20"], []],
    },
    {
      name: "of one that lies as near to another as can be",
      lists: [[episode(5, 8)], [episode(5, 8), episode(14)]],
      expected: [over, ["STARTED 14"]],
    },
    {
      name: "of an old one that an import brings before a known one",
      lists: [[episode(50)], [episode(5, 30), episode(50)]],
      expected: [["STARTED 50"], over],
    },
  ])
    test(name, () => assert.deepEqual(tell(...lists), expected));

  test("however the record moves: no start and no end is told twice of what overlaps, and no end before its start", () => {
    const values = fc.array(fc.constantFrom(0.5, 1.39, 1.9, 2, 3), { minLength: 30, maxLength: 60 });
    const series = values.chain((base) =>
      // The same tremor as more and more plots show it: it grows, and here and there a sample is another.
      fc.array(fc.tuple(fc.nat(59), fc.constantFrom(0.5, 1.9, 2)), { minLength: 1, maxLength: 12 }).map((moves) =>
        moves.map((_, index) => {
          const moved = base.slice(0, 20 + index * 4);
          for (const [at, value] of moves.slice(0, index)) if (at < moved.length) moved[at] = value;
          return moved;
        }),
      ),
    );
    fc.assert(
      fc.property(series, (states) => {
        let memory: ToldEpisode[] = [];
        let [starts, ends] = [0, 0];
        for (const state of [...states, states.at(-1)!]) {
          const samples = state.map((rmsMv, step) => ({
            timeMs: step * CADENCE_MS,
            rmsMv,
            clipped: false,
            uncertaintyDecades: 0,
          }));
          const found = findEpisodes(toColumns(samples), 2);
          const { told, changes } = findNews(memory, found);
          starts += changes.filter(({ kind }) => kind === "STARTED").length;
          ends += changes.filter(({ kind }) => kind === "ENDED").length;
          assert.equal(starts, told.length, "each that was told is remembered, and each once");
          assert.ok(ends <= starts);
          assert.ok(found.length <= told.length, "each that is found was told");
          assert.deepEqual(findNews(told, found), { told, changes: [] }, "told again, it is no news");
          memory = told;
        }
      }),
      { numRuns: 2000 },
    );
  });
});
