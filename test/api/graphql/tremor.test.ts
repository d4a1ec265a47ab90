import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, test } from "vitest";
import {
  CurrentTremorDocument,
  EpisodesDocument,
  StatusDocument,
  TremorChartDocument,
  TremorPointsDocument,
  TremorStatisticsDocument,
} from "../../../src/web/operations.ts";
import { startApi, type ApiServer } from "../../support/api-server.ts";
import { plotOf, putPlots } from "../../support/tremor.ts";

const at = (instant: string): number => Date.parse(instant);
const HOUR_MS = 3_600_000;
const [onsetMs, endMs] = [at("2025-10-30T12:00:00Z"), at("2025-10-30T18:00:00Z")];
const [topMs, laterMs] = [at("2025-10-30T14:00:00Z"), at("2025-11-04T20:00:00Z")];

/** 0.5 mV; an episode of 5 mV for six hours, over the top for one sample; and another that still runs. */
function tremor(timeMs: number): number {
  if (timeMs === topMs) return 12;
  if ((timeMs >= onsetMs && timeMs < endMs) || timeMs >= laterMs) return 5;
  return timeMs % HOUR_MS === 0 ? 0.8 : 0.5;
}

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
  // No plot shows what lies between 26 and 28 October; the odd one of the 3rd is set aside.
  putPlots(
    api.catalog,
    plotOf("2025-10-25", tremor),
    plotOf("2025-11-03", (timeMs) => 3 * tremor(timeMs)),
    plotOf("2025-11-01", tremor, (timeMs) => timeMs >= at("2025-10-28T00:00:00Z")),
    plotOf("2025-11-02", tremor, (timeMs) => timeMs >= at("2025-10-28T00:00:00Z")),
    plotOf("2025-11-04", tremor),
  );
});
afterAll(() => api[Symbol.asyncDispose]());

describe("tremor", () => {
  test("answers points for people: mean, extremes, median, how many samples, and how many plots agree", async () => {
    const { data } = await api.ask(TremorPointsDocument, {
      start: "2025-10-30T13:00:00Z",
      end: "2025-10-30T15:00:00Z",
      step: "PT1H",
    });
    const { step, count, points } = data!.tremor;
    assert.deepEqual([step, count], ["PT1H", 2]);
    const steady = { value: 5, min: 5, max: 5, median: 5, count: 6, clipped: false, agreeing: 3, shownBy: 3 };
    assert.deepEqual(points, [
      { timestamp: "2025-10-30T13:00:00Z", ...steady },
      {
        ...steady,
        timestamp: "2025-10-30T14:00:00Z",
        value: Number(Math.sqrt((100 + 5 * 25) / 6).toPrecision(6)),
        max: 10,
        clipped: true,
      },
    ]);
  });

  test("answers the same as columns for charts, with the gaps that no plot shows", async () => {
    const { data } = await api.ask(TremorChartDocument, {
      start: "2025-10-25T12:00:00Z",
      end: "2025-10-28T12:00:00Z",
      step: "PT6H",
    });
    const { columns, gaps, start, end, count } = data!.tremor;
    assert.deepEqual([start, end, count], ["2025-10-25T12:00:00Z", "2025-10-28T12:00:00Z", 4]);
    assert.deepEqual(
      columns.epochSeconds.map((seconds) => new Date(seconds * 1000).toISOString().slice(8, 13)),
      ["25T12", "25T18", "28T00", "28T06"],
    );
    assert.deepEqual(columns.max, [0.8, 0.8, 0.8, 0.8]);
    assert.deepEqual(columns.clipped, [false, false, false, false]);
    assert.deepEqual(gaps, [{ start: "2025-10-26T00:00:00Z", end: "2025-10-28T00:00:00Z" }]);
  });

  test("keeps every extreme, however few points are wanted", async () => {
    const { data } = await api.ask(TremorChartDocument, {
      start: "2025-10-20T00:00:00Z",
      end: "2025-11-05T00:00:00Z",
      maxPoints: 10,
    });
    const { columns, step } = data!.tremor;
    assert.equal(step, "P2D");
    assert.ok(columns.values.length <= 10);
    assert.deepEqual([Math.max(...columns.max), Math.min(...columns.min)], [10, 0.5]);
  });

  test("has samples up to the end, and not with it", async () => {
    const { data } = await api.ask(TremorPointsDocument, {
      start: "2025-11-04T00:00:00Z",
      end: "2025-11-04T00:20:00Z",
    });
    assert.deepEqual(
      data!.tremor.points.map(({ timestamp }) => timestamp),
      ["2025-11-04T00:00:00Z", "2025-11-04T00:10:00Z"],
    );
  });

  test("is empty, and one gap, where there is no record", async () => {
    const range = { start: "2020-01-01T00:00:00Z", end: "2020-02-01T00:00:00Z" };
    const { data } = await api.ask(TremorChartDocument, range);
    assert.deepEqual(data!.tremor.columns.values, []);
    assert.deepEqual(data!.tremor.gaps, [range]);
  });

  for (const { name, variables, says } of [
    { name: "a reversed range", variables: { start: "2025-11-04", end: "2025-11-03" }, says: /ends before it starts/ },
    { name: "steps under ten minutes", variables: { step: "PT5M" }, says: /multiples of ten minutes/ },
    { name: "steps of no whole multiple", variables: { step: "PT15M" }, says: /multiples of ten minutes/ },
    { name: "no step at all", variables: { step: "PT0M" }, says: /multiples of ten minutes/ },
    { name: "a step that is none", variables: { step: "an hour" }, says: /ISO 8601/ },
    { name: "a step of a month", variables: { step: "P1M" }, says: /weeks, days, hours and minutes/ },
    { name: "200 years without a step", variables: { start: "1900-01-01", end: "2100-01-01" }, says: /longer step/ },
    {
      name: "200 years by the hour",
      variables: { start: "1900-01-01", end: "2100-01-01", step: "PT1H" },
      says: /longer/,
    },
    { name: "no points", variables: { maxPoints: 0 }, says: /whole number from 2 on/ },
    { name: "an end that is no instant", variables: { end: "tomorrow" }, says: /Invalid DateTime/ },
  ])
    test(`refuses ${name}`, async () => {
      const long = (text: string | undefined) => (text?.length === 10 ? `${text}T00:00:00Z` : text);
      const { start = "2025-11-01", end = "2025-11-04", ...rest } = variables as Record<string, string>;
      const { data, errors } = await api.ask(TremorChartDocument, { start: long(start)!, end: long(end)!, ...rest });
      assert.equal(errors?.[0]?.extensions.code, "INVALID_REQUEST");
      assert.match(errors[0].message, says);
      assert.ok(!data?.tremor);
    });

  test("gives 200 years where it is told in how many points", async () => {
    const range = { start: "1900-01-01T00:00:00Z", end: "2100-01-01T00:00:00Z", maxPoints: 100 };
    const { data } = await api.ask(TremorChartDocument, range);
    assert.ok(data!.tremor.count >= 1);
  });

  for (const { name, count, args, fields, answered } of [
    { name: "a year by the hour", count: 1, args: `step: "PT1H"`, fields: "columns { ALL }", answered: true },
    { name: "a year by the hour as points", count: 1, args: `step: "PT1H"`, fields: "points { ALL }", answered: true },
    { name: "a year as it was sampled", count: 1, args: "", fields: "columns { ALL }", answered: true },
    {
      name: "a year as it was sampled, with its statistics",
      count: 1,
      args: "",
      fields: "columns { values min max } gaps { start } statistics { start end count mean median p5 p95 coverage }",
      answered: true,
    },
    { name: "a year as it was sampled, as points", count: 1, args: "", fields: "points { ALL }", answered: false },
    { name: "two such years at once", count: 2, args: "", fields: "columns { ALL }", answered: false },
    { name: "years of few points, but many", count: 12, args: "maxPoints: 2", fields: "count", answered: false },
    { name: "some years of few points", count: 5, args: "maxPoints: 200", fields: "columns { ALL }", answered: true },
  ])
    test(`${answered ? "answers" : "is too much with"} ${name}`, async () => {
      const all = "value min max median count clipped agreeing shownBy";
      const wanted = fields.replace("ALL", fields.startsWith("columns") ? all.replace("value", "values") : all);
      const series = (index: number): string =>
        `a${index}: tremor(start: "2024-11-01T00:00:00Z", end: "2025-11-01T00:00:00Z" ${args}) { ${wanted} }`;
      const { errors } = await api.ask(`{ ${Array.from({ length: count }, (_, index) => series(index)).join(" ")} }`);
      assert.equal(errors?.[0]?.extensions.code, answered ? undefined : "QUERY_TOO_COMPLEX");
    });
});

describe("tremorStatistics", () => {
  test("tells of each month what its samples are", async () => {
    const { data } = await api.ask(TremorStatisticsDocument, {
      startDate: "2025-10-01",
      endDate: "2025-11-30",
      bucket: "MONTH",
    });
    const [october, november] = data!.tremorStatistics;
    assert.deepEqual([october!.start, october!.end], ["2025-10-01T00:00:00Z", "2025-11-01T00:00:00Z"]);
    // 19 to 25 October, and 28 to 31.
    assert.equal(october!.count, 11 * 144);
    assert.equal(october!.coverage, Number((11 / 31).toPrecision(6)));
    assert.deepEqual(october!.max, { timestamp: "2025-10-30T14:00:00Z", value: 10, clipped: true });
    assert.deepEqual(
      [october!.median, october!.hoursAbove1Mv, october!.hoursAbove2Mv, october!.hoursAbove5Mv],
      [0.5, 6, 6, 0.166667],
    );
    assert.deepEqual([november!.count, november!.end], [4 * 144, "2025-12-01T00:00:00Z"]);
  });

  test("counts nothing as missing that is to come, and counts on with the clock", async () => {
    const ask = async (bucket: "DAY" | "YEAR") => {
      const days = { startDate: "2025-11-04", endDate: "2025-11-06", bucket };
      return (await api.ask(TremorStatisticsDocument, days)).data!.tremorStatistics.map(({ coverage }) => coverage);
    };
    api.setNow("2025-11-04T23:55:00Z");
    assert.deepEqual(await ask("DAY"), [1, 0, 0]);
    assert.deepEqual(await ask("YEAR"), [1]);
    api.setNow("2025-11-05T12:00:00Z");
    assert.deepEqual(await ask("DAY"), [1, 0, 0]);
    assert.deepEqual(await ask("YEAR"), [0.666667]);
    const range = { start: "2025-11-04T12:00:00Z", end: "2025-11-06T00:00:00Z" };
    const { gaps, statistics } = (
      await api.ask<{ tremor: { gaps: unknown; statistics: { coverage: number } } }, object>(
        `{ tremor(start: "${range.start}", end: "${range.end}") { gaps { start end } statistics { coverage } } }`,
      )
    ).data!.tremor;
    assert.deepEqual(gaps, [{ start: "2025-11-05T00:00:00Z", end: "2025-11-05T12:00:00Z" }]);
    assert.equal(statistics.coverage, 0.5);
  });

  test("has no values for a day without samples", async () => {
    const { data } = await api.ask(TremorStatisticsDocument, { startDate: "2025-10-26", endDate: "2025-10-26" });
    const [day] = data!.tremorStatistics;
    assert.deepEqual([day!.count, day!.coverage, day!.mean, day!.max], [0, 0, null, null]);
  });

  for (const { name, startDate, endDate } of [
    { name: "reversed days", startDate: "2025-11-02", endDate: "2025-11-01" },
    { name: "more days than anyone can read", startDate: "1900-01-01", endDate: "2100-01-01" },
  ])
    test(`refuses ${name}`, async () => {
      const { errors } = await api.ask(TremorStatisticsDocument, { startDate, endDate, bucket: "DAY" });
      assert.equal(errors?.[0]?.extensions.code, "INVALID_REQUEST");
    });
});

describe("episodes", () => {
  test("are listed newest first, with onset, peak, end and the days whose plots show them, set aside ones left out", async () => {
    api.setNow("2025-11-05T01:00:00Z");
    const { data } = await api.ask(EpisodesDocument, {});
    const { totalCount, edges } = data!.episodes;
    assert.equal(totalCount, 2);
    const [running, ended] = edges.map(({ node }) => node);
    assert.deepEqual([running!.onset, running!.end, running!.duration], ["2025-11-04T20:00:00Z", null, "PT4H"]);
    assert.deepEqual(running!.days, ["2025-11-04"]);
    assert.deepEqual(ended!.peak, { timestamp: "2025-10-30T14:00:00Z", value: 10, clipped: true });
    assert.deepEqual([ended!.onset, ended!.end], ["2025-10-30T12:00:00Z", "2025-10-30T18:00:00Z"]);
    assert.deepEqual([ended!.duration, ended!.riseTime], ["PT6H", "PT2H"]);
    assert.equal(ended!.squaredIntegral, (35 * 25 + 100) * 600);
    assert.deepEqual(ended!.days, ["2025-11-01", "2025-11-02", "2025-11-04"]);
  });

  test("run until samples have been missing for two hours, and the answer grows old with the clock", async () => {
    const query = "{ episodes(first: 1) { edges { node { end endsInGap } } } }";
    const ask = async () =>
      (await api.ask<{ episodes: { edges: { node: unknown }[] } }, object>(query)).data!.episodes.edges[0]!.node;
    for (const { now, expected } of [
      { now: "2025-11-05T00:30:00Z", expected: { end: null, endsInGap: false } },
      { now: "2025-11-05T01:59:30Z", expected: { end: null, endsInGap: false } },
      { now: "2025-11-05T02:00:00Z", expected: { end: "2025-11-05T00:00:00Z", endsInGap: true } },
    ]) {
      api.setNow(now);
      assert.deepEqual(await ask(), expected, now);
    }
  });

  test("come in pages", async () => {
    const first = (await api.ask(EpisodesDocument, { first: 1 })).data!.episodes;
    assert.deepEqual([first.edges.length, first.pageInfo.hasNextPage], [1, true]);
    const second = (await api.ask(EpisodesDocument, { first: 1, after: first.pageInfo.endCursor })).data!.episodes;
    assert.deepEqual([second.edges[0]!.node.onset, second.pageInfo.hasNextPage], ["2025-10-30T12:00:00Z", false]);
  });

  for (const { name, variables, onsets } of [
    {
      name: "of a day that one only touches",
      variables: { startDate: "2025-10-30", endDate: "2025-10-30" },
      onsets: 1,
    },
    { name: "of days without any", variables: { startDate: "2025-10-31", endDate: "2025-11-03" }, onsets: 0 },
    { name: "above another threshold", variables: { thresholdMv: 6 }, onsets: 0 },
  ])
    test(`are found ${name}`, async () =>
      assert.equal((await api.ask(EpisodesDocument, variables)).data!.episodes.totalCount, onsets));

  for (const { name, variables } of [
    { name: "a threshold of nothing", variables: { thresholdMv: 0 } },
    { name: "a threshold below zero", variables: { thresholdMv: -1 } },
    { name: "a page too large", variables: { first: 501 } },
    { name: "reversed days", variables: { startDate: "2025-11-02", endDate: "2025-11-01" } },
  ])
    test(`refuse ${name}`, async () =>
      assert.equal((await api.ask(EpisodesDocument, variables)).errors?.[0]?.extensions.code, "INVALID_REQUEST"));
});

test("currentTremor tells the last sample, its age, its level and its trend, anew each time", async () => {
  api.setNow("2025-11-05T00:20:30Z");
  const ask = async () => (await api.ask(CurrentTremorDocument, {})).data!.currentTremor!;
  const { decadesPerHour, ...now } = await ask();
  assert.deepEqual(now, {
    timestamp: "2025-11-04T23:50:00Z",
    value: 5,
    clipped: false,
    age: "PT30M",
    level: "HIGH",
    trend: "STEADY",
    stale: false,
  });
  assert.equal(decadesPerHour, 0);
  api.setNow("2025-11-05T12:00:00Z");
  assert.deepEqual([(await ask()).age, (await ask()).stale], ["PT12H10M", true]);
});

test("currentTremor is null while there is no record", async () => {
  await using empty = await startApi();
  assert.equal((await empty.ask(CurrentTremorDocument, {})).data!.currentTremor, null);
});

test("levels are as the server is set", async () => {
  await using other = await startApi({ settings: { levels: { mediumMv: 3, highMv: 8 } } });
  putPlots(other.catalog, plotOf("2025-11-04", tremor));
  assert.equal((await other.ask(CurrentTremorDocument, {})).data!.currentTremor!.level, "MEDIUM");
  assert.deepEqual((await other.ask(StatusDocument, {})).data!.status.levels, { medium: 3, high: 8 });
});

test("status tells how far the record reaches, and which plots take no part in it", async () => {
  const { record } = (await api.ask(StatusDocument, {})).data!.status;
  const { setAside, ...reach } = record;
  assert.deepEqual(reach, { firstDate: "2025-10-19", lastDate: "2025-11-04", days: 15, waitingDays: 0 });
  assert.deepEqual(
    setAside.map(({ date, reason }) => [date, reason]),
    [["2025-11-03", "DISAGREES"]],
  );
  assert.match(setAside[0]!.message, /2025-11-03.*more than 3 px/);
});
