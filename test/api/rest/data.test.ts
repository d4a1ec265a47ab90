import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, test } from "vitest";
import { Day } from "../../../src/model/day.ts";
import { reading, startApi, type ApiServer } from "../../support/api-server.ts";

const DAY = Day.parse("2025-11-04");

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
  const picture = await api.keep(DAY);
  // Two days, up to the end of the day.
  api.catalog.putDay(DAY, picture, reading(DAY, "2025-11-03T00:00:00Z", 288));
  api.catalog.putDay(Day.parse("2025-11-03"), undefined, reading("2025-11-03", "2025-11-03T00:00:00Z", 2));
  api.catalog.putDay(Day.parse("2025-11-02"), undefined, reading("2025-11-02", "2025-10-20T00:00:00Z", 2));
  api.catalog.putDay(
    Day.parse("2025-11-01"),
    undefined,
    reading("2025-11-01", "", 0, { problem: "No axis was found" }),
  );
  await api.keep("2025-10-31");
});
afterAll(() => api[Symbol.asyncDispose]());

interface Body {
  ok: boolean;
  date: string;
  count: number;
  data: { timestamp: string; value: number; clipped?: true }[];
  problem?: string;
}
const data = async (path: string, headers: Record<string, string> = {}) => {
  const response = await api.fetch(`/api/archives/data/${path}`, { headers });
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
};
const json = async (path: string): Promise<Body> => JSON.parse((await data(path)).text) as Body;

describe("GET /api/archives/data/{date}", () => {
  test("answers that UTC day, every ten minutes", async () => {
    const body = await json(DAY);
    assert.deepEqual(
      { ...body, data: body.data.slice(0, 2) },
      {
        ok: true,
        date: DAY,
        count: 144,
        data: [
          { timestamp: "2025-11-04T00:00:00Z", value: 2.44 },
          { timestamp: "2025-11-04T00:10:00Z", value: 2.45 },
        ],
      },
    );
    assert.equal(body.data.length, 144);
    assert.equal(body.data.at(-1)?.timestamp, "2025-11-04T23:50:00Z");
  });

  test("says of a sample whose curve ran out of the plot that it is clipped", async () => {
    const samples = (await json(`${DAY}?window=plot`)).data.slice(2, 4);
    assert.deepEqual(samples, [
      { timestamp: "2025-11-03T00:20:00Z", value: 1.02 },
      { timestamp: "2025-11-03T00:30:00Z", value: 1.03, clipped: true },
    ]);
  });

  for (const { name, path, count } of [
    { name: "all that the plot shows", path: `${DAY}?window=plot`, count: 288 },
    { name: "the day for an empty window", path: `${DAY}?window=`, count: 144 },
    { name: "what the first of repeated windows says", path: `${DAY}?window=plot&window=day`, count: 288 },
    { name: "a day whose picture has expired", path: "2025-11-03", count: 2 },
  ])
    test(`answers ${name}`, async () => {
      const body = await json(path);
      assert.deepEqual([body.count, body.data.length, body.problem], [count, count, undefined]);
    });

  for (const { name, date, problem } of [
    { name: "no curve could be read", date: "2025-11-01", problem: "No axis was found" },
    {
      name: "the plot shows other days alone",
      date: "2025-11-02",
      problem: "The plot archived on 2025-11-02 shows nothing of that day",
    },
    { name: "nobody has read it yet", date: "2025-10-31", problem: "The plot of 2025-10-31 hasn't been read yet" },
  ])
    test(`says so in words where ${name}`, async () =>
      assert.deepEqual(await json(date), { ok: true, date, count: 0, data: [], problem }));

  const CSV = "text/csv; charset=utf-8; header=present";
  const JSON_TYPE = "application/json; charset=utf-8";
  for (const { name, query = "", accept, type } of [
    { name: "JSON unasked", type: JSON_TYPE },
    { name: "JSON to who takes anything", accept: "*/*", type: JSON_TYPE },
    { name: "CSV to who accepts it", accept: "text/csv", type: CSV },
    { name: "CSV to who likes it more", accept: "application/json;q=0.5, text/csv", type: CSV },
    { name: "JSON to who likes it more", accept: "text/csv;q=0.5, application/json", type: JSON_TYPE },
    { name: "JSON to who takes anything rather", accept: "text/csv;q=0.1, */*", type: JSON_TYPE },
    { name: "CSV to who takes anything else, too", accept: "*/*, text/csv", type: CSV },
    { name: "CSV to who refuses JSON", accept: "application/json;q=0, */*", type: CSV },
    { name: "JSON to who refuses CSV", accept: "text/csv;q=0, text/html", type: JSON_TYPE },
    { name: "CSV by its format", query: "?format=csv", type: CSV },
    { name: "JSON by its format, whatever is accepted", query: "?format=json", accept: "text/csv", type: JSON_TYPE },
    { name: "JSON for an empty format", query: "?format=", type: JSON_TYPE },
  ])
    test(`answers ${name}`, async () => {
      // Twice over, so that a kept answer is told apart too.
      for (let times = 0; times < 3; times++) {
        const answer = await data(`2025-11-03${query}`, accept === undefined ? {} : { Accept: accept });
        assert.deepEqual([answer.status, answer.type], [200, type]);
      }
    });

  test("writes CSV with a header line", async () =>
    assert.equal(
      (await data("2025-11-03?format=csv")).text,
      "timestamp,value\r\n2025-11-03T00:00:00Z,1\r\n2025-11-03T00:10:00Z,1.01\r\n",
    ));

  test("names the file of seven days otherwise than that of the day", async () => {
    const nameOf = async (path: string) =>
      (await api.fetch(`/api/archives/data/${path}`)).headers.get("content-disposition");
    assert.equal(await nameOf("2025-11-03?format=csv"), "inline; filename=etna_2025-11-03.csv");
    assert.equal(await nameOf("2025-11-03?format=csv&window=plot"), "inline; filename=etna_2025-11-03_plot.csv");
  });

  for (const { path, status, error } of [
    { path: "2025-12-01", status: 404, error: "Archive not found for date 2025-12-01" },
    { path: "2025-02-29", status: 400, error: "Invalid date format. Use YYYY-MM-DD" },
    { path: `${DAY}?window=week`, status: 400, error: "Invalid window. Use day or plot" },
    { path: `${DAY}?format=xml`, status: 400, error: "Invalid format. Use json or csv" },
  ])
    test(`answers ${status} to ${path}`, async () => {
      const answer = await data(path);
      assert.deepEqual([answer.status, JSON.parse(answer.text)], [status, { ok: false, error }]);
    });
});
