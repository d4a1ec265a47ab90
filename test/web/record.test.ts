/** The view Record in a real browser. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, test, vi } from "vitest";
import { dayOf } from "../../src/model/day.ts";
import { isSkipped, openBrowser, readOnce, type TestBrowser } from "../support/browser.ts";
import { startPageServer, type PageServer } from "../support/page-server.ts";
import { plotOf, putPlots } from "../support/tremor.ts";

const DAY_MS = 86_400_000;

describe.skipIf(isSkipped)("Record (skipped on Deno, and where no Chromium is installed)", () => {
  let browser: TestBrowser;
  let server: PageServer;
  beforeAll(async () => {
    browser = await openBrowser();
    server = await startPageServer({ settings: { webFolder: browser.webFolder } });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await browser[Symbol.asyncDispose]();
  });

  async function open(state: string): Promise<Page> {
    const { page } = await browser.visit(`${server.url}/#/record${state}`);
    await page.locator(".chart .u-over").waitFor();
    return page;
  }

  /** The stretch of time in the address, once it is as it should be: on a slow machine it stands still in between. */
  async function spanOf(
    page: Page,
    isRight: (lengthMs: number, toMs: number) => boolean,
  ): Promise<{ fromMs: number; toMs: number }> {
    const found = { fromMs: 0, toMs: 0 };
    await vi.waitUntil(
      () => {
        const state = new URLSearchParams(page.url().split("?")[1]);
        found.fromMs = Date.parse(state.get("from") ?? "");
        found.toMs = Date.parse(state.get("to") ?? "");
        return isRight(found.toMs - found.fromMs, found.toMs);
      },
      { timeout: 30_000, interval: 20 },
    );
    return found;
  }

  /** What the server was asked for the chart: variables of each query. */
  function listenForQueries(page: Page): { start: string; end: string; maxPoints?: number }[] {
    const asked: { start: string; end: string; maxPoints?: number }[] = [];
    page.on("request", (request) => {
      const body = request.postData() ?? "";
      if (body.includes("query TremorChart")) asked.push(JSON.parse(body).variables);
    });
    return asked;
  }

  test("shows seven days, says so in the address, and other spans by their buttons", async () => {
    const page = await open("");
    await page.getByRole("button", { name: "7 d", pressed: true }).waitFor();
    await page.waitForURL(/#\/record\?span=7d$/);
    await page.getByRole("button", { name: "30 d" }).click();
    await page.waitForURL(/span=30d$/);
    await page.getByRole("button", { name: "30 d", pressed: true }).waitFor();
  });

  test("a drag zooms in and brings finer steps, which the address then holds", async () => {
    const page = await open("?span=all");
    await page.locator(".readout", { hasText: /steps of (30 min|1 h)/ }).waitFor();
    const asked = listenForQueries(page);
    const area = (await page.locator(".chart .u-over").boundingBox())!;
    await page.mouse.move(area.x + area.width * 0.9, area.y + 100);
    await page.mouse.down();
    await page.mouse.move(area.x + area.width * 0.95, area.y + 120, { steps: 4 });
    await page.mouse.up();
    await page.mouse.move(10, 10);
    const { fromMs, toMs } = await spanOf(page, (lengthMs) => lengthMs < 4 * DAY_MS);
    // The downloads name a step before the chart's own points are there: only the readout tells of these.
    const fine = page.locator(".readout", { hasText: "steps of 10 min" });
    await fine.waitFor();
    assert.ok(
      asked.some(({ start, end }) => Date.parse(start) <= fromMs && Date.parse(end) >= Math.min(toMs, Date.now())),
    );

    const shared = await browser.visit(page.url());
    const sharedFine = shared.page.locator(".readout", { hasText: "steps of 10 min" });
    await sharedFine.waitFor();
    assert.equal(shared.page.url(), page.url());
    assert.equal(await sharedFine.innerText(), await fine.innerText());
  });

  test("the wheel zooms around the pointer, and sideways it pans", async () => {
    const page = await open("?span=7d");
    const area = (await page.locator(".chart .u-over").boundingBox())!;
    await page.mouse.move(area.x + area.width * 0.75, area.y + 100);
    await page.mouse.wheel(0, -300);
    const near = await spanOf(page, (lengthMs) => lengthMs < 5 * DAY_MS);
    const startMs = Date.now() - 7 * DAY_MS;
    const pointerMs = startMs + 0.75 * 7 * DAY_MS;
    const part = (pointerMs - near.fromMs) / (near.toMs - near.fromMs);
    assert.ok(Math.abs(part - 0.75) < 0.03, `the pointer's instant is now at ${part}`);
    await page.mouse.wheel(-400, 0);
    const after = await spanOf(page, () => !page.url().includes(new Date(near.fromMs).toISOString().slice(0, 16)));
    assert.ok(after.fromMs < near.fromMs);
    assert.ok(Math.abs(after.toMs - after.fromMs - (near.toMs - near.fromMs)) <= 120_000);
  });

  test("doesn't ask the server for each step of a movement", async () => {
    const { page } = await browser.visit("about:blank");
    await page.clock.install();
    await page.goto(`${server.url}/#/record?span=3d`);
    const fine = page.locator(".readout", { hasText: "steps of 10 min" });
    await fine.waitFor();
    const before = await fine.innerText();
    const asked = listenForQueries(page);
    // By a clock of its own: the steps follow one another as under a hand, however slow the machine is.
    await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 20_000);
    for (let at = 0; at < 40; at++) {
      await page.locator(".chart .u-over").dispatchEvent("wheel", { deltaX: -40 });
      await page.clock.runFor(20);
    }
    assert.equal(asked.length, 0);
    await page.clock.resume();
    await spanOf(page, (lengthMs) => lengthMs > 2 * DAY_MS);
    await page.locator(".readout", { hasNotText: before }).waitFor();
    await vi.waitUntil(() => asked.length > 0, { timeout: 30_000 });
    assert.equal(asked.length, 1);
  });

  test("is read, moved and zoomed by keys alone", async () => {
    const page = await open("?span=7d");
    await page.locator(".chart").focus();
    await page.keyboard.press("ArrowLeft");
    await readOnce(page.locator(".readout strong"), /^0\.\d{3} mV$/);
    const first = await page.locator(".readout time, .readout span").first().innerText();
    await page.keyboard.press("ArrowLeft");
    await page.locator(".readout", { hasNotText: first }).waitFor();
    await page.keyboard.press("+");
    const near = await spanOf(page, (lengthMs) => lengthMs < 6 * DAY_MS);
    await page.keyboard.press("Shift+ArrowLeft");
    await spanOf(page, () => !page.url().includes(new Date(near.fromMs).toISOString().slice(0, 16)));
    await page.keyboard.press("0");
    await page.waitForURL(/span=all$/);
    await page.keyboard.press("Escape");
    await page.locator(".readout strong").waitFor({ state: "detached" });
  });

  test("one finger pans, two zoom", async () => {
    const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
    const { page } = await browser.visit(`${server.url}/#/record?span=7d`, phone);
    const area = (await page.locator(".chart .u-over").boundingBox())!;
    const session = await page.context().newCDPSession(page);
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", ...parts: number[]) =>
      session.send("Input.dispatchTouchEvent", {
        type,
        touchPoints: parts.map((part, id) => ({ x: area.x + part * area.width, y: area.y + area.height / 2, id })),
      });
    await touch("touchStart", 0.2);
    for (const part of [0.3, 0.4, 0.5, 0.6, 0.7]) await touch("touchMove", part);
    await touch("touchEnd");
    const panned = await spanOf(
      page,
      (lengthMs, toMs) => lengthMs > 6.9 * DAY_MS && lengthMs < 7.2 * DAY_MS && toMs < Date.now() - 2.5 * DAY_MS,
    );
    await touch("touchStart", 0.4, 0.6);
    for (const by of [0.05, 0.1, 0.15, 0.2]) await touch("touchMove", 0.4 - by, 0.6 + by);
    await touch("touchEnd");
    const near = await spanOf(page, (lengthMs) => lengthMs < 4 * DAY_MS);
    assert.ok(near.fromMs > panned.fromMs && near.toMs < panned.toMs);
  });

  test("the cursor tells the time in UTC and by the reader's clock, the value, and the episode it is in", async () => {
    const page = await open("?span=7d");
    await page.locator(".readout", { hasText: "steps of 10 min" }).waitFor();
    const area = (await page.locator(".chart .u-over").boundingBox())!;
    // Of the last seven days, three days ago less three hours lie at four sevenths and a little.
    await page.mouse.move(area.x + area.width * ((4 + 3 / 24) / 7), area.y + 50);
    await readOnce(
      page.locator(".readout"),
      /\d+ \w+ \d{4}, \d\d:\d\d UTC\s+\d\d:\d\d your time\s+6\.00 mV\s+Episode, peak 6\.00 mV/,
    );
  });

  test("tells what is shown in numbers, with the peak that coarse steps hide", async () => {
    const page = await open("?span=all");
    const facts = page.locator("#record-summary .facts");
    const text = await readOnce(facts, /Highest\s+6\.00 mV[^]*Episodes\s+1/); // which come from two answers
    assert.match(text, /Median\s+0\.\d{3} mV/);
    assert.match(text, /Hours above 1 mV\s+6/);
    assert.match(text, /Known\s+94\.\d%/); // two days of five weeks are missing
  });

  test("knows all of what has no gap, and shows nothing beyond the last sample's ten minutes", async () => {
    const page = await open("?span=7d");
    await readOnce(page.locator("#record-summary .facts"), /Known\s+100%/);
    const readout = await readOnce(page.locator(".readout"), /steps of 10 min/);
    const [, last] = / – (.*) UTC/.exec(readout)!;
    assert.ok(Date.parse(`${last} UTC`) - Date.now() <= 600_000, readout);
  });

  test("gives the same numbers as a table, to who asks", async () => {
    const page = await open("?span=24h");
    await page.getByText("These numbers as a table").click();
    const rows = page.locator(".numbers tbody tr");
    await rows.first().waitFor();
    assert.ok((await rows.count()) >= 140);
    await readOnce(page.locator(".numbers caption"), /^steps of 10 min$/);
  });

  test("says by which steps the table goes, where they are longer than the chart's", async () => {
    const page = await open("?span=7d");
    await readOnce(page.locator(".readout"), /steps of 10 min/);
    await page.getByText("These numbers as a table").click();
    await readOnce(page.locator(".numbers caption"), /^steps of 2 h$/);
  });

  test("saves what is shown as CSV and PNG", async () => {
    const page = await open("?span=24h");
    const save = async (control: ReturnType<Page["getByRole"]>) => {
      const [download] = await Promise.all([page.waitForEvent("download"), control.click()]);
      return { name: download.suggestedFilename(), bytes: await readFile((await download.path())!) };
    };
    const csv = await save(page.getByRole("link", { name: "CSV", exact: true }));
    assert.match(csv.name, /\.csv$/);
    const lines = csv.bytes.toString().trim().split(/\r?\n/);
    assert.match(lines[0]!, /^timestamp,value,min,max/);
    assert.ok(Math.abs(lines.length - 145) <= 2, `${lines.length} lines`);
    const png = await save(page.getByRole("button", { name: "PNG" }));
    assert.match(png.name, /^etna-tremor_.*\.png$/);
    assert.equal(png.bytes.subarray(1, 4).toString(), "PNG");
  });

  test("draws a new archive by itself", async () => {
    await using other = await startPageServer({ settings: { webFolder: browser.webFolder }, filled: false });
    const yesterday = dayOf(Date.now() - DAY_MS);
    putPlots(
      other.api.catalog,
      plotOf(yesterday, () => 0.5),
    );
    const { page } = await browser.visit(`${other.url}/#/record?span=7d`);
    await page.locator("#record-summary").getByText("0.500 mV").first().waitFor();
    await other.api.listening(1);
    const today = dayOf(Date.now());
    putPlots(
      other.api.catalog,
      plotOf(
        today,
        (timeMs) => (dayOf(timeMs) === today ? 3 : 0.5),
        (timeMs) => timeMs <= Date.now(),
      ),
    );
    other.api.announce(await other.api.keep(today));
    await readOnce(page.locator("#record-summary"), /Highest\s+3\.00 mV/);
    await page.context().close();
  });
});
