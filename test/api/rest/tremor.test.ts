import assert from "node:assert/strict";
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, test, vi } from "vitest";
import { openCatalog, type Catalog } from "../../../src/catalog/catalog.ts";
import { READ_TOKEN, startApi, type ApiServer } from "../../support/api-server.ts";
import { plotOf, putPlots } from "../../support/tremor.ts";

const plots = [
  plotOf("2025-11-03", (timeMs) => (timeMs === Date.parse("2025-11-03T01:00:00Z") ? 12 : 0.5)),
  plotOf("2025-11-04", () => 0.5),
];

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
  putPlots(api.catalog, ...plots);
});
afterAll(() => api[Symbol.asyncDispose]());

const get = async (query: string) => {
  const response = await api.fetch(`/api/tremor?${query}`);
  return { status: response.status, headers: response.headers, text: await response.text() };
};
/** What arrives, byte for byte, and whether it arrived whole. */
async function getRaw(url: URL, headers: Record<string, string>) {
  const [response] = (await once(request(url, { headers, agent: false }).end(), "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  response.on("data", (chunk: Buffer) => void chunks.push(chunk)).on("error", () => {});
  await once(response, "close").catch(() => {});
  return {
    status: response.statusCode,
    headers: response.headers,
    id: response.headers["x-request-id"],
    complete: response.complete,
    body: Buffer.concat(chunks),
  };
}

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
    assert.equal(header["source"], "https://www.ct.ingv.it/"); // not one picture's address: a record may be of several
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
    const mV = (name: string): string[] => [name, "mV", "float"];
    const plain = (name: string): string[] => [name, "unitless", "integer"];
    assert.deepEqual(columns, [
      ["timestamp", "UTC", "datetime"],
      ...["value", "min", "max", "median"].map(mV),
      ...["count", "clipped", "agreeing", "shown_by"].map(plain),
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

  test("answers HEAD with the headers of GET, without a body", async () => {
    const [get, head] = await Promise.all(
      ["GET", "HEAD"].map((method) => api.fetch(`/api/tremor?${hours}&format=csv`, { method })),
    );
    assert.deepEqual([head!.status, await head!.text()], [200, ""]);
    for (const name of ["content-type", "content-disposition", "etag", "vary", "cache-control", "content-encoding"])
      assert.equal(head!.headers.get(name), get!.headers.get(name), name);
    await get!.body?.cancel();
  });

  describe("negotiates", () => {
    const ask = (query: string, headers: Record<string, string>) =>
      api.fetch(`/api/tremor?${hours}${query}`, { headers: { "Accept-Encoding": "identity", ...headers } });
    for (const { name, accept, query = "", type } of [
      { name: "JSON for whoever takes all", accept: "*/*", type: "application/json; charset=utf-8" },
      { name: "CSV where it is asked for", accept: "text/csv", type: "text/csv; charset=utf-8; header=present" },
      { name: "CSV for any text", accept: "text/*", type: "text/csv; charset=utf-8; header=present" },
      {
        name: "what is liked best",
        accept: "application/json;q=0.5, text/csv;q=0.9",
        type: "text/csv; charset=utf-8; header=present",
      },
      {
        name: "JSON for a browser",
        accept: "text/html,application/xhtml+xml,*/*;q=0.8",
        type: "application/json; charset=utf-8",
      },
      { name: "JSON for whoever wants what isn't there", accept: "image/png", type: "application/json; charset=utf-8" },
      {
        name: "format before Accept",
        accept: "text/csv",
        query: "&format=json",
        type: "application/json; charset=utf-8",
      },
      { name: "GeoCSV by format alone", accept: "*/*", query: "&format=geocsv", type: "text/csv; charset=utf-8" },
    ])
      test(name, async () => {
        const response = await ask(query, { Accept: accept });
        assert.equal(response.headers.get("content-type"), type);
        assert.equal(response.headers.get("vary"), "Accept, Accept-Encoding");
        assert.equal((await response.text()).startsWith("{"), type.startsWith("application/json"));
      });

    for (const { name, encoding, coded } of [
      { name: "gzip where it is taken", encoding: "gzip, deflate, br", coded: true },
      { name: "gzip of some quality", encoding: "br, gzip;q=0.1", coded: true },
      { name: "none where gzip is refused", encoding: "gzip;q=0, identity", coded: false },
      { name: "gzip where anything is taken", encoding: "*", coded: true },
      { name: "none where all but gzip is taken", encoding: "gzip;q=0, *", coded: false },
      { name: "none where another is wanted", encoding: "br", coded: false },
    ])
      test(name, async () => {
        const url = new URL(`${api.url}/api/tremor?${hours}&format=csv`);
        const { headers, body } = await getRaw(url, { "Accept-Encoding": encoding });
        assert.equal(headers["content-encoding"], coded ? "gzip" : undefined);
        const text = (coded ? gunzipSync(body) : body).toString();
        assert.equal(text, await (await ask("&format=csv", {})).text());
      });
  });

  describe("is asked again by its ETag", () => {
    const get = async (query: string, headers: Record<string, string> = {}) => {
      const response = await api.fetch(`/api/tremor?${query}`, { headers });
      const text = await response.text();
      return { status: response.status, etag: response.headers.get("etag")!, text, headers: response.headers };
    };

    test("which answers 304, to GET and HEAD, while the samples are the same", async () => {
      const { etag } = await get(hours);
      assert.match(etag, /^"[\w-]{43}(-gzip)?"$/);
      const again = await get(hours, { "If-None-Match": `"other", W/${etag}` });
      assert.deepEqual([again.status, again.text, again.etag], [304, "", etag]);
      assert.equal(again.headers.get("content-disposition"), null);
      const head = await api.fetch(`/api/tremor?${hours}`, { method: "HEAD", headers: { "If-None-Match": etag } });
      assert.equal(head.status, 304);
      assert.equal((await get(hours, { "If-None-Match": '"other"' })).status, 200);
    });

    test("which is another for another format, range, step or coding", async () => {
      const tags = await Promise.all(
        [hours, `${hours}&format=csv`, hours.replace("step=PT1H", "step=PT2H"), hours.replace("T02", "T03")].map(
          async (query) => (await get(query)).etag,
        ),
      );
      tags.push((await get(hours, { "Accept-Encoding": "identity" })).etag);
      assert.equal(new Set(tags).size, tags.length);
    });

    test("which changes with the samples, not with what comes elsewhere, nor on another server", async () => {
      const before = await get(hours);
      await using other = await startApi();
      putPlots(other.catalog, ...plots);
      const asked = async () => (await other.fetch(`/api/tremor?${hours}`, { method: "HEAD" })).headers.get("etag");
      assert.equal(await asked(), before.etag);
      putPlots(
        other.catalog,
        plotOf("2025-11-15", () => 1),
      );
      assert.equal(await asked(), before.etag, "a plot of other days");
      putPlots(
        other.catalog,
        plotOf("2025-11-05", () => 0.505),
      );
      assert.notEqual(await asked(), before.etag, "one more plot shows these hours");
    });
  });

  test("tells the record as it was when it was asked, though it changes while it is sent", async () => {
    await using changing = await startApi();
    const days = Array.from({ length: 20 }, (_, week) =>
      new Date(Date.parse("2025-01-07T00:00:00Z") + week * 7 * 86_400_000).toISOString().slice(0, 10),
    );
    putPlots(changing.catalog, ...days.map((day) => plotOf(day, () => 0.5)));
    const query = "/api/tremor?start=2025-01-01&end=2026-01-01&format=csv";
    const response = await changing.fetch(query, { headers: { "Accept-Encoding": "identity" } });
    const reader = response.body!.getReader();
    const first = await reader.read();
    putPlots(changing.catalog, ...days.map((day) => plotOf(day, () => 5)));
    let text = new TextDecoder().decode(first.value);
    for (let next = await reader.read(); !next.done; next = await reader.read())
      text += new TextDecoder().decode(next.value);
    const rows = text.trimEnd().split("\r\n").slice(1);
    assert.equal(rows.length, 20 * 1008);
    assert.ok(rows.every((row) => row.split(",")[1] === "0.5"));
  });

  for (const { name, encoding } of [
    { name: "as it is", encoding: "identity" },
    { name: "gzipped", encoding: "gzip" },
  ])
    test(`is cut off, and the log says why, where it breaks while it is sent ${name}`, async () => {
      using catalog = openCatalog(":memory:");
      using toConsole = vi.spyOn(console, "error").mockImplementation(() => {});
      putPlots(catalog, ...["2025-03-07", "2025-06-07"].map((day) => plotOf(day, () => 0.5)));
      const broken: Catalog = {
        ...catalog,
        readTremor(range) {
          const columns = catalog.readTremor(range);
          const timesMs = columns.timesMs.slice();
          timesMs[timesMs.length - 1] = Number.NaN; // which no series can have
          return { ...columns, timesMs };
        },
      };
      await using failing = await startApi({ services: { catalog: broken } });
      const url = new URL(`${failing.url}/api/tremor?start=2025-01-01&end=2025-12-31&format=csv`);
      const { status, complete, id, body } = await getRaw(url, { "Accept-Encoding": encoding });
      assert.deepEqual([status, complete], [200, false]);
      assert.doesNotMatch(body.toString("latin1"), /Error|range/);
      const line = failing.logged.find(({ msg }) => msg === "An answer broke off");
      assert.equal(line!["requestId"], id);
      assert.deepEqual(toConsole.mock.calls, [], "the log alone is told");
      assert.match((line!["err"] as Error).stack!, /tremor-export/);
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
