/** An answer that is known from before is given again only while it is still true, and only to who may have it. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "vitest";
import { Day } from "../../src/model/day.ts";
import { READ_TOKEN, startApi, type ApiServer } from "../support/api-server.ts";

const QUERY = "{ archives { totalCount edges { node { date size imageUrl } } } }";
/** Asked so often, an answer is kept and given again. */
const OFTEN = 3;

let api: ApiServer;
afterEach(() => api[Symbol.asyncDispose]());

describe("the archives, asked again and again", () => {
  beforeEach(async () => {
    api = await startApi();
    for (const day of ["2025-11-03", "2025-11-04"]) await api.keep(day);
  });

  const WAYS: Record<string, () => Promise<string[]>> = {
    "GraphQL in the same words": () => datesBy(QUERY),
    "GraphQL in words never used before": () => datesBy(`query ${nextName()} ${QUERY}`),
    REST: async () => {
      const response = await api.fetch("/api/archives/list");
      return ((await response.json()) as { archives: { date: string }[] }).archives.map(({ date }) => date);
    },
  };
  let names = 0;
  const nextName = (): string => `Asked${names++}`;

  async function datesBy(query: string): Promise<string[]> {
    const { data } = await api.ask<{ archives: { totalCount: number; edges: { node: { date: string } }[] } }, never>(
      query,
    );
    assert.equal(data?.archives.totalCount, data?.archives.edges.length);
    return data!.archives.edges.map(({ node }) => node.date);
  }

  for (const [way, ask] of Object.entries(WAYS))
    test(`are told anew by ${way} when a day was archived, and when one was let go`, async () => {
      const askOften = async (): Promise<string[]> => {
        for (let times = 1; times < OFTEN; times++) await ask();
        return ask();
      };
      assert.deepEqual(await askOften(), ["2025-11-04", "2025-11-03"]);
      await api.keep("2025-11-05");
      assert.deepEqual(await ask(), ["2025-11-05", "2025-11-04", "2025-11-03"]);
      await askOften();
      api.catalog.putPicture(Day.parse("2025-11-03"), undefined);
      assert.deepEqual(await ask(), ["2025-11-05", "2025-11-04"]);
    });
});

describe("where reading needs a token", () => {
  beforeEach(async () => {
    api = await startApi({ settings: { readToken: READ_TOKEN } });
    await api.keep("2025-11-04");
  });

  test("a signed address is made for each who asks, and others get none", async () => {
    const ask = () =>
      api.ask<{ archives: { edges: { node: { imageUrl: string } }[] } }, never>(QUERY, undefined, READ_TOKEN);
    const expiresOf = ({ data }: Awaited<ReturnType<typeof ask>>): string | null =>
      new URL(data!.archives.edges[0]!.node.imageUrl).searchParams.get("expires");
    const seconds = (instant: string): string => String(Date.parse(instant) / 1000);
    for (let times = 0; times < OFTEN; times++) {
      assert.equal(expiresOf(await ask()), seconds("2025-11-05T12:15:00Z"));
    }
    api.setNow("2025-11-05T12:10:00Z");
    assert.equal(expiresOf(await ask()), seconds("2025-11-05T12:25:00Z"));
    assert.deepEqual([(await api.ask(QUERY)).status, (await api.ask(QUERY, undefined, "another")).status], [401, 403]);
  });
});
