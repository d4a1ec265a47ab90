/** The view Now in a real browser. */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, test } from "vitest";
import { dayOf } from "../../src/model/day.ts";
import { findBarriers, isSkipped, openBrowser, readOnce, type TestBrowser } from "../support/browser.ts";
import { startPageServer } from "../support/page-server.ts";
import { plotOf, putPlots } from "../support/tremor.ts";

describe.skipIf(isSkipped)("Now (skipped on Deno, and where no Chromium is installed)", () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser[Symbol.asyncDispose]());

  const settings = () => ({ webFolder: browser.webFolder });

  test("tells level, trend, value, its time and age, and when the next plot is fetched", async () => {
    const nextRunMs = (): number => Date.now() + 12.3 * 60_000;
    const services = { schedule: { pattern: "4 * * * *", nextRunMs, successDueSinceMs: () => undefined } };
    await using server = await startPageServer({ settings: settings(), services });
    const { page } = await browser.visit(server.url);
    const text = await readOnce(
      page.locator(".now"),
      /Low\s+Steady\s+0\.\d{3} mV\s+\d+ \w+ \d{4}, \d\d:\d\d your time \(\d\d:\d\d UTC\), .*(now|ago)/,
    );
    assert.match(text, /Next plot\s+in 1[12] minutes/);
    assert.match(text, /This is no official warning.*INGV/);
  });

  test("tells ages by the server's clock where the reader's own is wrong", async () => {
    const nextRunMs = (): number => Date.now() + 12.3 * 60_000;
    const services = { schedule: { pattern: "4 * * * *", nextRunMs, successDueSinceMs: () => undefined } };
    await using server = await startPageServer({ settings: settings(), services });
    const { page } = await browser.visit("about:blank");
    await page.clock.install({ time: Date.now() - 15 * 3_600_000 });
    await page.goto(server.url);
    assert.match(await page.locator(".now").innerText(), /Next plot\s+in 1[12] minutes/);
  });

  test("has room for levels that are higher than what the published plots show", async () => {
    await using server = await startPageServer({ settings: { ...settings(), levels: { mediumMv: 5, highMv: 20 } } });
    const { page } = await browser.visit(server.url);
    await page.locator(".last-day-chart .trace").waitFor({ state: "attached" });
    const labels = await page
      .locator(".last-day-chart .mv")
      .evaluateAll((all) => all.map((one) => [one.textContent, Number.parseFloat((one as HTMLElement).style.top)]));
    assert.deepEqual(
      labels.map(([text, top]) => [text, Math.round(Number(top))]),
      [
        ["0.1", 100],
        ["5", 43],
        ["20", 23],
        ["100", 0],
      ],
    );
    assert.ok((await page.locator(".ruler-band.level-high").boundingBox())!.width > 10);
  });

  test("says that nothing is known yet, and shows the first plot as soon as it is there", async () => {
    await using server = await startPageServer({ settings: settings(), filled: false });
    const { page, troubles } = await browser.visit(server.url);
    await page.getByText("Nothing is known yet").waitFor();
    await server.api.listening(1);
    const today = dayOf(Date.now());
    putPlots(
      server.api.catalog,
      plotOf(
        today,
        () => 5,
        (timeMs) => timeMs <= Date.now(),
      ),
    );
    server.api.announce(await server.api.keep(today));
    await page.getByText("High", { exact: true }).first().waitFor();
    await readOnce(page.locator(".reading"), /5\.00 mV/);
    assert.deepEqual(troubles, []);
  });

  test("says plainly when data are old and the source is down", async () => {
    await using server = await startPageServer({ settings: settings() });
    const { catalog } = server.api;
    const startedMs = Date.now() - 300_000;
    const { id } = catalog.startRun({ trigger: "SCHEDULE", startedMs });
    const error = { code: "SOURCE_UNAVAILABLE", message: "No answer" } as const;
    catalog.endRun(id, { endedMs: startedMs + 1000, outcome: "FAILED", error });
    server.api.setNow(new Date(Date.now() + 9 * 3_600_000).toISOString());
    const { page } = await browser.visit(server.url);
    await page.getByText(/These data are old/).waitFor();
    await page.getByRole("heading", { name: /^24 hours, last sample: \d+ \w+ \d{4}, \d\d:\d\d/ }).waitFor();
    await page.getByText(/The last attempt to fetch the plot, [56] minutes ago, failed/).waitFor();
  });

  test("doesn't call the source down because of its own last run where another server leads", async () => {
    const others = { leader: () => "other", isLeader: () => false, epoch: () => 7 };
    const cluster = { server: "this", leadership: others, followedMs: Date.now, storeProblem: () => undefined };
    await using server = await startPageServer({ settings: settings(), services: { cluster } });
    const { catalog } = server.api;
    for (const outcome of ["UNCHANGED", "FAILED"] as const) {
      const startedMs = Date.now() - 7_200_000;
      const { id } = catalog.startRun({ trigger: "SCHEDULE", startedMs });
      const error = { code: "SOURCE_UNAVAILABLE", message: "No answer" } as const;
      catalog.endRun(id, { endedMs: startedMs, outcome, ...(outcome === "FAILED" && { error }) });
    }
    const { page } = await browser.visit(server.url);
    const text = await readOnce(page.locator(".now"), /This is no official warning/);
    assert.doesNotMatch(text, /The last attempt/);
    assert.match(text, /Last plot fetched\s+–/);
  });

  for (const { locale, told, again } of [
    { locale: "en-GB", told: "That didn't work", again: "Try again" },
    { locale: "it-IT", told: "Non ha funzionato", again: "Riprova" },
  ])
    test(`says where the last day can't be drawn, and draws it when asked again (${locale})`, async () => {
      await using server = await startPageServer({ settings: settings() });
      const { page } = await browser.visit("about:blank", { locale });
      let isWell = false;
      await page.route("**/graphql", (route) =>
        route.request().postData()!.includes("query TremorChart") && !isWell
          ? route.fulfill({ status: 500, json: { errors: [{ message: "Unexpected error." }] } })
          : route.continue(),
      );
      await page.goto(server.url);
      const notice = page.locator(".last-day").getByRole("alert");
      await readOnce(notice, new RegExp(`${told}\\s+Unexpected error\\.`));
      assert.equal(await page.locator(".last-day-chart").count(), 0, "an empty chart would say that nothing happened");
      assert.deepEqual(await findBarriers(page), []);
      isWell = true;
      await notice.getByRole("button", { name: again }).click();
      await page.locator(".last-day .trace").waitFor({ state: "attached" });
      await notice.waitFor({ state: "detached" });
      await page.context().close();
    });
});
