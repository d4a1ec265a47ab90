import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, test } from "vitest";
import { startApi, type ApiServer } from "../../support/api-server.ts";

const DAYS = ["2025-10-31", "2025-11-01", "2025-11-03", "2025-11-04"];

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
  for (const day of DAYS) await api.keep(day, { compress: day === "2025-11-01" });
});
afterAll(() => api[Symbol.asyncDispose]());

const list = async (query: string) => {
  const response = await api.fetch(`/api/archives/list${query}`);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const datesOf = (body: Record<string, unknown>): string[] =>
  (body["archives"] as { date: string }[]).map(({ date }) => date);

describe("GET /api/archives/list", () => {
  test("tells of each day just what the old system told", async () => {
    const { status, body } = await list("?start_date=2025-11-01&end_date=2025-11-01");
    const day = api.catalog.findDay("2025-11-01" as never)!;
    assert.equal(status, 200);
    assert.deepEqual(body, {
      ok: true,
      count: 1,
      archives: [
        {
          date: "2025-11-01",
          path: "data/archives/2025/11/01/etna_20251101.png.gz",
          size: day.size,
          compressed: true,
          modified: `2025-11-05T12:00:00+00:00`,
        },
      ],
    });
  });

  for (const { name, query, dates } of [
    { name: "all, newest first", query: "", dates: DAYS.toReversed() },
    {
      name: "both ends of a range",
      query: "?start_date=2025-11-01&end_date=2025-11-03",
      dates: ["2025-11-03", "2025-11-01"],
    },
    { name: "from a start on", query: "?start_date=2025-11-02", dates: ["2025-11-04", "2025-11-03"] },
    { name: "up to an end", query: "?end_date=2025-10-31", dates: ["2025-10-31"] },
    { name: "all for empty dates", query: "?start_date=&end_date=", dates: DAYS.toReversed() },
    { name: "none for a reversed range", query: "?start_date=2025-11-04&end_date=2025-11-01", dates: [] },
    {
      name: "what the first of repeated dates says",
      query: "?start_date=2025-11-04&start_date=nonsense",
      dates: ["2025-11-04"],
    },
    {
      name: "all where the first of repeated dates is empty",
      query: "?start_date=&start_date=2025-11-04",
      dates: DAYS.toReversed(),
    },
    { name: "all in spite of unknown parameters", query: "?limit=1&start=2025-11-04", dates: DAYS.toReversed() },
    { name: "the whole calendar", query: "?start_date=0001-01-01&end_date=9999-12-31", dates: DAYS.toReversed() },
  ])
    test(`lists ${name}`, async () => {
      const { status, body } = await list(query);
      assert.equal(status, 200);
      assert.deepEqual(datesOf(body), dates);
      assert.equal(body["count"], dates.length);
    });

  const invalid = (name: string) => ({ ok: false, error: `Invalid ${name} format. Use ISO format (YYYY-MM-DD)` });
  for (const { name, query, wrong } of [
    { name: "no zero padding", query: "?start_date=2025-2-3", wrong: "start_date" },
    { name: "a date that isn't in the calendar", query: "?end_date=2025-02-29", wrong: "end_date" },
    { name: "a blank", query: "?start_date=%20", wrong: "start_date" },
    { name: "a blank after", query: "?start_date=2025-11-04%20", wrong: "start_date" },
    { name: "a plus after", query: "?start_date=2025-11-04+", wrong: "start_date" },
    { name: "a line end after", query: "?start_date=2025-11-04%0A", wrong: "start_date" },
    { name: "other scripts' digits", query: `?end_date=${encodeURIComponent("٢٠٢٥-١١-٠٤")}`, wrong: "end_date" },
    { name: "a time", query: "?end_date=2025-11-04T00:00:00Z", wrong: "end_date" },
    { name: "year 0", query: "?start_date=0000-01-01", wrong: "start_date" },
    { name: "text that isn't UTF-8", query: "?start_date=%E0%A4%A", wrong: "start_date" },
    { name: "the start before the end", query: "?end_date=nonsense&start_date=nonsense", wrong: "start_date" },
  ])
    test(`refuses ${name}`, async () => assert.deepEqual(await list(query), { status: 400, body: invalid(wrong) }));

  test("is asked again by its ETag, and notices a new archive at once", async () => {
    const first = await api.fetch("/api/archives/list?end_date=2025-10-31");
    const tag = first.headers.get("etag")!;
    assert.equal(first.headers.get("cache-control"), "no-cache");
    const again = () => api.fetch("/api/archives/list?end_date=2025-10-31", { headers: { "If-None-Match": tag } });
    for (let times = 0; times < 3; times++) assert.equal((await again()).status, 304);
    await api.keep("2025-10-30");
    const changed = await again();
    assert.equal(changed.status, 200);
    assert.deepEqual(datesOf((await changed.json()) as never), ["2025-10-31", "2025-10-30"]);
  });
});
