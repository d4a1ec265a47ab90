import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, test } from "vitest";
import { READ_TOKEN, startApi, type ApiServer } from "../../support/api-server.ts";
import { plotOf, putPlots } from "../../support/tremor.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
  putPlots(
    api.catalog,
    plotOf("2025-11-03", (timeMs) => (timeMs === Date.parse("2025-11-03T01:00:00Z") ? 12 : 0.5)),
    plotOf("2025-11-04", () => 0.5),
  );
});
afterAll(() => api[Symbol.asyncDispose]());

const get = async (query: string) => {
  const response = await api.fetch(`/api/tremor?${query}`);
  return { status: response.status, headers: response.headers, text: await response.text() };
};
const hours = "start=2025-11-03T00:00:00Z&end=2025-11-03T02:00:00Z&step=PT1H";

describe("GET /api/tremor", () => {
  test("answers JSON, with its unit and its attribution", async () => {
    const { headers, text } = await get(hours);
    const { data, attribution, ...rest } = JSON.parse(text);
    assert.equal(headers.get("content-type"), "application/json; charset=utf-8");
    assert.deepEqual(rest, {
      ok: true,
      start: "2025-11-03T00:00:00Z",
      end: "2025-11-03T02:00:00Z",
      step: "PT1H",
      unit: "mV",
      count: 2,
    });
    assert.match(attribution, /INGV-OE/);
    const quiet = { value: 0.5, min: 0.5, max: 0.5, median: 0.5, count: 6, clipped: false, agreeing: 2, shownBy: 2 };
    assert.deepEqual(data[0], { timestamp: "2025-11-03T00:00:00Z", ...quiet });
    assert.equal(data[1].count, 6);
  });

  test("answers CSV, each row with its source", async () => {
    const { headers, text } = await get(`${hours}&format=csv`);
    assert.equal(headers.get("content-type"), "text/csv; charset=utf-8; header=present");
    assert.equal(
      headers.get("content-disposition"),
      "inline; filename=etna_tremor_20251103T000000Z_20251103T020000Z.csv",
    );
    const [header, first, , end] = text.split("\r\n");
    assert.equal(header, "timestamp,value,min,max,median,count,clipped,agreeing,shown_by,source");
    assert.equal(first, "2025-11-03T00:00:00Z,0.5,0.5,0.5,0.5,6,0,2,2,INGV-OE");
    assert.equal(end, "");
  });

  test("answers GeoCSV 2.0: a unit, a type and a name for each column, and who is to be named", async () => {
    const { text } = await get(`${hours}&format=geocsv`);
    const lines = text.trimEnd().split("\n");
    const header = Object.fromEntries(
      lines.filter((line) => line.startsWith("# ")).map((line) => line.slice(2).split(/: (.*)/s) as [string, string]),
    );
    assert.equal(lines[0], "# dataset: GeoCSV 2.0");
    assert.equal(header["delimiter"], ",");
    assert.match(header["attribution"]!, /INGV-OE/);
    const table = lines.filter((line) => !line.startsWith("#")).map((line) => line.split(","));
    assert.equal(table.length, 3);
    for (const keyword of ["field_unit", "field_type", "field_long_name"])
      assert.equal(header[keyword]!.split(",").length, table[0]!.length, keyword);
    assert.ok(table.every((row) => row.length === table[0]!.length));
    const columns = table[0]!.map((name, at) => [
      name,
      header["field_unit"]!.split(",")[at],
      header["field_type"]!.split(",")[at],
    ]);
    assert.deepEqual(columns.slice(0, 3), [
      ["timestamp", "UTC", "datetime"],
      ["value", "mV", "float"],
      ["min", "mV", "float"],
    ]);
  });

  test("names nobody for a tremor that is made up", async () => {
    await using demo = await startApi({ settings: { synthetic: true } });
    putPlots(
      demo.catalog,
      plotOf("2025-11-03", () => 0.5),
    );
    for (const format of ["json", "csv", "geocsv"]) {
      const text = await (await demo.fetch(`/api/tremor?${hours}&format=${format}`)).text();
      assert.match(text, /synthetic/i, format);
      assert.doesNotMatch(text, /INGV/, format);
    }
  });

  test("gives all that there is, in pieces that fit", async () => {
    const { text } = await get("start=2025-01-01&end=2026-01-01&format=csv");
    const lines = text.trimEnd().split("\r\n").slice(1);
    assert.equal(lines.length, 8 * 144);
    assert.ok(lines.every((line, at) => at === 0 || line.slice(0, 20) > lines[at - 1]!.slice(0, 20)));
    const days = await get("start=2025-01-01&end=2026-01-01&format=csv&step=P1D");
    assert.equal(days.text.trimEnd().split("\r\n").length, 1 + 8);
  });

  test("takes days for their midnight, and offsets", async () => {
    const byDay = await get("start=2025-11-03&end=2025-11-04&step=P1D");
    assert.equal(JSON.parse(byDay.text).start, "2025-11-03T00:00:00Z");
    const byOffset = await get("start=2025-11-03T01:00:00+01:00&end=2025-11-04T01:00:00%2B01:00&step=P1D");
    assert.deepEqual(JSON.parse(byOffset.text).data, JSON.parse(byDay.text).data);
  });

  test("answers an empty table where there is nothing", async () => {
    const { status, text } = await get("start=2000-01-01&end=2000-02-01&format=csv");
    assert.deepEqual([status, text.split("\r\n").length], [200, 2]);
    assert.deepEqual(JSON.parse((await get("start=2000-01-01&end=2000-02-01")).text).data, []);
  });

  test("answers HEAD without a body", async () => {
    const response = await api.fetch(`/api/tremor?${hours}`, { method: "HEAD" });
    assert.deepEqual([response.status, await response.text()], [200, ""]);
  });

  test("lets a client leave in the middle", async () => {
    const leaving = new AbortController();
    const response = await api.fetch("/api/tremor?start=2025-01-01&end=2026-01-01", { signal: leaving.signal });
    leaving.abort();
    await assert.rejects(response.text());
    assert.equal((await get(hours)).status, 200);
  });

  for (const { name, query, says } of [
    { name: "no start", query: "end=2025-11-04", says: /Missing start/ },
    { name: "no end", query: "start=2025-11-04", says: /Missing end/ },
    { name: "an empty start", query: "start=&end=2025-11-04", says: /Missing start/ },
    { name: "a start that is no instant", query: "start=yesterday&end=2025-11-04", says: /Invalid start/ },
    { name: "a reversed range", query: "start=2025-11-04&end=2025-11-03", says: /ends before it starts/ },
    { name: "a step under ten minutes", query: "start=2025-11-03&end=2025-11-04&step=PT1M", says: /ten minutes/ },
    { name: "a step that isn't whole", query: "start=2025-11-03&end=2025-11-04&step=PT25M", says: /ten minutes/ },
    { name: "a step that is none", query: "start=2025-11-03&end=2025-11-04&step=hourly", says: /ISO 8601/ },
    { name: "200 years without a step", query: "start=1900-01-01&end=2100-01-01", says: /longer step/ },
    { name: "an unknown format", query: `${hours}&format=xml`, says: /Invalid format. Use json or csv or geocsv/ },
  ])
    test(`refuses ${name} with a code`, async () => {
      const { status, text } = await get(query);
      const { ok, code, error } = JSON.parse(text);
      assert.deepEqual([status, ok, code], [400, false, "INVALID_REQUEST"]);
      assert.match(error, says);
    });

  test("knows GET alone", async () => {
    const { status, headers } = await api.fetch("/api/tremor", { method: "POST" });
    assert.deepEqual([status, headers.get("allow")], [405, "GET, HEAD, OPTIONS"]);
  });

  test("is closed to strangers where reading is", async () => {
    await using closed = await startApi({ settings: { readToken: READ_TOKEN } });
    assert.equal((await closed.fetch(`/api/tremor?${hours}`)).status, 401);
    const headers = { Authorization: `Bearer ${READ_TOKEN}` };
    assert.equal((await closed.fetch(`/api/tremor?${hours}`, { headers })).status, 200);
  });
});
