import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, test } from "vitest";
import { addDays, Day } from "../../../src/model/day.ts";
import {
  ArchiveDataDocument,
  ArchiveDocument,
  ArchivesDocument,
  LatestArchiveDocument,
  type ArchivesQueryVariables,
} from "../../../src/web/operations.ts";
import { startApi, type ApiServer } from "../../support/api-server.ts";
import { sampleReading } from "../../support/sample-reading.ts";

const FIRST = Day.parse("2025-11-01");
/** 2025-11-01 to 2025-11-05. */
const DAYS = [0, 1, 2, 3, 4].map((count) => addDays(FIRST, count));
const short = (days: readonly string[]): string => days.map((day) => day.slice(-1)).join(" ");

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
  for (const day of DAYS) await api.keep(day, day === "2025-11-04" ? { reading: sampleReading() } : {});
});
afterAll(() => api[Symbol.asyncDispose]());

describe("archives", () => {
  const page = async (variables: ArchivesQueryVariables & { last?: number; before?: string }) => {
    const query = `query ($startDate: Date, $endDate: Date, $order: SortOrder! = NEWEST_FIRST, $first: Int, $after: String,
      $last: Int, $before: String) { archives(startDate: $startDate, endDate: $endDate, order: $order, first: $first,
      after: $after, last: $last, before: $before) { totalCount edges { cursor node { date } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
    const answer = await api.ask<Page, typeof variables>(query, variables);
    assert.equal(answer.errors, undefined);
    const { edges, pageInfo, totalCount } = answer.data!.archives;
    const { hasNextPage, hasPreviousPage } = pageInfo;
    assert.deepEqual(
      [pageInfo.startCursor, pageInfo.endCursor],
      [edges[0]?.cursor ?? null, edges.at(-1)?.cursor ?? null],
    );
    const more = `${hasPreviousPage ? "<" : ""}${hasNextPage ? ">" : ""}`;
    return {
      days: short(edges.map(({ node }) => node.date)),
      more,
      totalCount,
      cursors: edges.map(({ cursor }) => cursor),
    };
  };
  interface Page {
    archives: {
      totalCount: number;
      edges: { cursor: string; node: { date: string } }[];
      pageInfo: {
        hasNextPage: boolean;
        hasPreviousPage: boolean;
        startCursor: string | null;
        endCursor: string | null;
      };
    };
  }

  for (const { name, variables, days, more = "", total = 5 } of [
    { name: "all, newest first", variables: {}, days: "5 4 3 2 1" },
    { name: "all, oldest first", variables: { order: "OLDEST_FIRST" as const }, days: "1 2 3 4 5" },
    { name: "the first two", variables: { first: 2 }, days: "5 4", more: ">" },
    { name: "the last two", variables: { last: 2 }, days: "2 1", more: "<" },
    { name: "none, when none are wanted", variables: { first: 0 }, days: "", more: ">" },
    { name: "a whole range in one page", variables: { first: 5 }, days: "5 4 3 2 1" },
    {
      name: "a range, both ends included",
      variables: { startDate: "2025-11-02", endDate: "2025-11-04" },
      days: "4 3 2",
      total: 3,
    },
    { name: "a range of one day", variables: { startDate: "2025-11-02", endDate: "2025-11-02" }, days: "2", total: 1 },
    { name: "a range without archives", variables: { startDate: "2026-01-01" }, days: "", total: 0 },
    { name: "the largest page", variables: { first: 500 }, days: "5 4 3 2 1" },
  ])
    test(`shows ${name}`, async () => {
      const found = await page(variables);
      assert.deepEqual([found.days, found.more, found.totalCount], [days, more, total]);
    });

  for (const order of ["NEWEST_FIRST", "OLDEST_FIRST"] as const)
    test(`goes on from a cursor, both ways, ${order}`, async () => {
      const all = await page({ order });
      const [, second, , fourth] = all.cursors;
      const days = all.days.split(" ");
      const shows = (found: { days: string }, from: number, to: number) =>
        assert.equal(found.days, days.slice(from, to).join(" "));
      shows(await page({ order, first: 2, after: second! }), 2, 4);
      shows(await page({ order, after: fourth! }), 4, 5);
      shows(await page({ order, last: 2, before: fourth! }), 1, 3);
      shows(await page({ order, before: second! }), 0, 1);
      shows(await page({ order, after: second!, before: fourth! }), 2, 3);
      assert.equal((await page({ order, first: 2, after: second! })).more, "<>");
      assert.equal((await page({ order, last: 1, before: fourth! })).more, "<>");
    });

  const cursor = (text: string): string => Buffer.from(text).toString("base64url");
  for (const { name, variables, message } of [
    { name: "a negative page", variables: { first: -1 }, message: "first is negative, use 0 to 500" },
    { name: "a page too large", variables: { first: 501 }, message: "first is over 500, the largest page" },
    { name: "a last page too large", variables: { last: 501 }, message: "last is over 500, the largest page" },
    { name: "both first and last", variables: { first: 1, last: 1 }, message: "first and last exclude each other" },
    {
      name: "a reversed range",
      variables: { startDate: "2025-11-04", endDate: "2025-11-01" },
      message: "startDate is after endDate",
    },
    {
      name: "what is no cursor",
      variables: { after: "nonsense" },
      message: 'Cursor "nonsense" isn\'t one of this list',
    },
    {
      name: "a cursor of another list",
      variables: { before: cursor("run:7") },
      message: `Cursor "${cursor("run:7")}" isn't one of this list`,
    },
    {
      name: "a cursor of no day",
      variables: { after: cursor("archive:2025-02-29") },
      message: `Cursor "${cursor("archive:2025-02-29")}" isn't one of this list`,
    },
  ])
    test(`refuses ${name}`, async () => {
      const { status, errors } = await api.ask(
        `query ($first: Int, $last: Int, $after: String, $before: String, $startDate: Date, $endDate: Date) { archives(first: $first,
          last: $last, after: $after, before: $before, startDate: $startDate, endDate: $endDate) { totalCount } }`,
        variables,
      );
      assert.deepEqual([status, errors?.map((error) => error.message)], [200, [message]]);
      assert.equal(errors?.[0]?.extensions.code, "INVALID_REQUEST");
    });
});

describe("an archive", () => {
  test("tells all that is known of its picture", async () => {
    const { data } = await api.ask(ArchiveDocument, { date: "2025-11-04" });
    const known = api.catalog.findDay(Day.parse("2025-11-04"))!;
    assert.deepEqual(data?.archive, {
      id: Buffer.from("Archive:2025-11-04").toString("base64"),
      date: "2025-11-04",
      path: "data/archives/2025/11/04/etna_20251104.png",
      size: known.size,
      compressed: false,
      modified: "2025-11-05T12:00:00Z",
      imageUrl: `${api.url}/api/archives/graph/2025-11-04`,
      station: "ECBD",
      stale: false,
      sha256: known.sha256,
      width: 96,
      height: 96,
      sourceUrl: "https://plots.example/2.png",
      fetchedAt: "2025-11-04T12:00:00Z",
      windowStart: "2025-10-28T13:00:00Z",
      windowEnd: "2025-11-04T13:00:00Z",
    });
  });

  test("of an old tree, without a record, is looked at; a damaged one is told of all the same", async () => {
    await using old = await startApi();
    for (const date of ["2025-11-03", "2025-11-04"]) {
      const known = await old.keep(date);
      old.catalog.putDay(
        known.day,
        { ...known, sha256: undefined, widthPx: undefined, heightPx: undefined },
        undefined,
      );
    }
    await writeFile(`${old.base}/2025/11/03/etna_20251103.png`, "damaged");
    const facts = async (date: string) => {
      const { data, errors } = await old.ask(ArchiveDocument, { date });
      assert.equal(errors, undefined);
      return [data?.archive?.sha256, data?.archive?.width, data?.archive?.height];
    };
    const { sha256 } = await old.archive.get(Day.parse("2025-11-04"));
    assert.deepEqual(await facts("2025-11-04"), [sha256, 96, 96]);
    assert.deepEqual(await facts("2025-11-03"), [null, null, null]);
  });

  test("is null on a day without one", async () => {
    assert.deepEqual((await api.ask(ArchiveDocument, { date: "2025-11-09" })).data, { archive: null });
  });

  test("is the newest one when the latest is asked for", async () => {
    const { data } = await api.ask(LatestArchiveDocument, {});
    assert.equal(data?.latestArchive?.date, "2025-11-05");
  });

  test("is null when there is none at all", async () => {
    await using empty = await startApi();
    assert.deepEqual((await empty.ask(LatestArchiveDocument, {})).data, { latestArchive: null });
  });

  for (const { window, count, first } of [
    { window: "DAY" as const, count: 78, first: "2025-11-04T00:00:00Z" },
    { window: "PLOT" as const, count: 996, first: "2025-10-28T13:00:00Z" },
  ])
    test(`has the numbers of its ${window}`, async () => {
      const { data } = await api.ask(ArchiveDataDocument, { date: "2025-11-04", window });
      const shown = data!.archive!.data;
      assert.deepEqual([shown.count, shown.points.length, shown.points[0]?.timestamp], [count, count, first]);
      assert.equal(shown.problem, null);
      assert.deepEqual(shown.calibration?.amplitude, { found: "LABELS", scale: "LOG", min: 0.1, max: 10, residual: 0 });
      assert.deepEqual(shown.fidelity, { explained: 0.998, present: 0.997 });
      assert.deepEqual(shown.calibration?.plotArea, { left: 80, top: 27, right: 994, bottom: 300 });
    });

  test("says so in words where its plot wasn't read", async () => {
    const { data } = await api.ask(ArchiveDataDocument, { date: "2025-11-03" });
    const problem = "The plot of 2025-11-03 hasn't been read yet";
    const unread = { date: "2025-11-03", count: 0, problem, points: [], calibration: null, fidelity: null };
    assert.deepEqual(data?.archive?.data, unread);
  });

  test("is there at once when it is new, and gone when it is let go", async () => {
    const dates = async () => (await api.ask(ArchivesDocument, { first: 1 })).data?.archives.edges[0]?.node.date;
    for (let times = 0; times < 3; times++) assert.equal(await dates(), "2025-11-05");
    await api.keep("2025-11-06");
    assert.equal(await dates(), "2025-11-06");
    api.catalog.putDay(Day.parse("2025-11-06"), undefined, undefined);
    assert.equal(await dates(), "2025-11-05");
  });
});

describe("node", () => {
  const node = async (id: string) => {
    const answer = await api.ask<{ node: unknown }, { id: string }>(
      "query ($id: ID!) { node(id: $id) { __typename id ... on Archive { date } ... on ArchivalRun { trigger } } }",
      { id },
    );
    assert.equal(answer.errors, undefined);
    return answer.data?.node;
  };
  const idOf = (text: string): string => Buffer.from(text).toString("base64");

  test("finds an archive by its id", async () => {
    const id = idOf("Archive:2025-11-02");
    assert.deepEqual(await node(id), { __typename: "Archive", id, date: "2025-11-02" });
  });

  test("finds a run by its id", async () => {
    const id = idOf(`ArchivalRun:${api.catalog.startRun({ trigger: "ADMIN", startedMs: 0 }).id}`);
    assert.deepEqual(await node(id), { __typename: "ArchivalRun", id, trigger: "ADMIN" });
  });

  for (const id of [
    "",
    "nonsense",
    idOf("Archive:2025-02-29"),
    idOf("Archive:2030-01-01"),
    idOf("Archive"),
    idOf("ArchivalRun:x"),
    idOf("ArchivalRun:99999999999999999999"),
    idOf("Volcano:1"),
    idOf("Query:1"),
    idOf("constructor:1"),
  ])
    test(`is null for ${JSON.stringify(Buffer.from(id, "base64").toString())}`, async () =>
      assert.equal(await node(id), null));
});
