import assert from "node:assert/strict";
import { decode } from "fast-png";
import { describe, test } from "vitest";
import { Day, dayOf } from "../../src/model/day.ts";
import { checkPng } from "../../src/model/png.ts";
import { demoPlots, startDemoSource } from "../../src/source/demo.ts";
import { createIngvSource } from "../../src/source/ingv.ts";

const NOON_MS = Date.parse("2025-11-04T12:00:00Z");
const MINUTE_MS = 60_000;

describe("the demo's source", () => {
  test("is fetched like INGV's: whole, not again while it is the same, and anew when time went on", async () => {
    let nowMs = NOON_MS;
    const clock = () => nowMs;
    await using demo = await startDemoSource({ clock });
    const source = createIngvSource({ url: demo.url, version: "1", clock });
    const first = await source.findNewer(undefined);
    assert.equal(first?.sourceUrl, demo.url);
    assert.equal(new URL(demo.url).pathname, "/RMS_Etna/2.png");
    assert.equal(first.version.lastModified, "Tue, 04 Nov 2025 11:53:00 GMT");
    assert.match(decode(first.png).text["Comment"]!, /Synthetic/);

    nowMs += 2 * MINUTE_MS;
    assert.equal(await source.findNewer(first.version), undefined);
    assert.equal(await source.findNewer({ lastModified: first.version.lastModified! }), undefined);

    nowMs += MINUTE_MS;
    const second = await source.findNewer(first.version);
    assert.equal(second?.version.lastModified, "Tue, 04 Nov 2025 12:03:00 GMT");
    assert.notDeepEqual(second.png, first.png);
  });

  test("shows the same to all who ask with one seed", async () => {
    const fetchBy = async (seed: number) => {
      await using demo = await startDemoSource({ clock: () => NOON_MS, seed });
      return new Uint8Array(await (await fetch(demo.url)).arrayBuffer());
    };
    assert.deepEqual(await fetchBy(5), await fetchBy(5));
    assert.notDeepEqual(await fetchBy(5), await fetchBy(6));
  });

  for (const { name, path, init, status } of [
    { name: "another path", path: "/1.png", init: {}, status: 404 },
    { name: "a POST", path: "/RMS_Etna/2.png", init: { method: "POST" }, status: 405 },
    { name: "a HEAD", path: "/RMS_Etna/2.png", init: { method: "HEAD" }, status: 200 },
    { name: "a query", path: "/RMS_Etna/2.png?t=1", init: {}, status: 200 },
  ])
    test(`answers ${name} with ${status}`, async () => {
      await using demo = await startDemoSource({ clock: () => NOON_MS });
      const response = await fetch(new URL(path, demo.url), init);
      await response.body?.cancel();
      assert.equal(response.status, status);
    });

  test("is gone once it is closed", async () => {
    const demo = await startDemoSource({ clock: () => NOON_MS });
    await (await fetch(demo.url)).arrayBuffer();
    await demo[Symbol.asyncDispose]();
    await assert.rejects(fetch(demo.url));
  });
});

describe("demoPlots", () => {
  test("brings one plot a day, as the demo's source would have shown it at 23:55", async () => {
    const [from, to] = [Day.parse("2024-02-27"), Day.parse("2024-03-01")];
    const plots = await Array.fromAsync(demoPlots({ from, to, sourceUrl: "http://demo.example/2.png" }));
    assert.deepEqual(
      plots.map(({ fetchedMs }) => dayOf(fetchedMs)),
      ["2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01"],
    );
    for (const { png, fetchedMs, version } of plots) {
      checkPng(png);
      await using demo = await startDemoSource({ clock: () => fetchedMs });
      const source = createIngvSource({ url: demo.url, version: "1", clock: () => fetchedMs });
      const fetched = await source.findNewer(undefined);
      assert.deepEqual(new Uint8Array(png), new Uint8Array(fetched!.png));
      assert.deepEqual(version, fetched!.version);
      assert.equal(version.lastModified?.slice(-12), "23:53:00 GMT");
    }
  });
});
