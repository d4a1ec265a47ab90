/** Calendar, Day, Episodes and Admin in a real browser, on the real server with an archive of the demo's plots. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, test, vi } from "vitest";
import { Day, dayOf } from "../../src/model/day.ts";
import { ADMIN_TOKEN, READ_TOKEN } from "../support/api-server.ts";
import { isSkipped, findBarriers, openBrowser, readOnce, type TestBrowser, type Visitor } from "../support/browser.ts";
import { startDemoArchive, type DemoArchive } from "../support/demo-archive.ts";
import { startPageServer } from "../support/page-server.ts";
import { plotOf, putPlots } from "../support/tremor.ts";

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

describe.skipIf(isSkipped)("the archive's views (skipped on Deno, and where no Chromium is installed)", () => {
  let browser: TestBrowser;
  let archive: DemoArchive;
  beforeAll(async () => {
    browser = await openBrowser();
    archive = await startDemoArchive(browser.webFolder);
  });
  afterAll(async () => {
    await archive[Symbol.asyncDispose]();
    await browser[Symbol.asyncDispose]();
  });

  const visited: Page[] = [];
  afterEach(() => Promise.all(visited.splice(0).map((page) => page.context().close())));

  async function visit(place: string, options?: BrowserContextOptions): Promise<Visitor> {
    const visitor = await browser.visit(`${archive.url}/#/${place}`, options);
    visited.push(visitor.page);
    return visitor;
  }
  const open = async (place: string): Promise<Page> => (await visit(place)).page;

  for (const { place, there } of [
    { place: "calendar?day=2026-08-18", there: ".day-readout strong" },
    { place: "day?date=2026-08-18&with=2026-08-10", there: ".sheet:last-child .day-provenance .lines" },
    { place: "episodes", there: ".episodes td" },
    { place: "admin", there: ".admin .history p" },
  ])
    for (const { name, options } of [
      { name: "a desk, in light", options: {} },
      {
        name: "a phone, in the dark, in Italian",
        options: { ...PHONE, colorScheme: "dark" as const, locale: "it-IT" },
      },
    ])
      test(`#/${place} on ${name}: no trouble, no barrier, nothing wider than the screen, nothing jumps`, async () => {
        const { page, troubles } = await visit(place, options);
        await page.locator(there).first().waitFor();
        assert.deepEqual(await findBarriers(page), []);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
        assert.ok((await shiftOf(page)) < 0.1);
        assert.deepEqual(troubles, []);
      });

  for (const { place, query, part, there } of [
    { place: "day?date=2026-08-18", query: "TremorStatistics", part: ".day-statistics", there: "dd" },
    { place: "admin", query: "ArchivalRuns", part: ".history", there: "td" },
    { place: "record", query: "TremorSummary", part: "#record-summary", there: "dd" },
    { place: "record", query: "TremorPoints", part: ".numbers", there: "td" },
  ])
    test(`#/${place} says where it has no answer to ${query}, and shows it when asked again`, async () => {
      const { page } = await visit(place);
      let isWell = false;
      await page.route("**/graphql", (route) =>
        route.request().postData()!.includes(`query ${query}(`) && !isWell
          ? route.fulfill({ status: 500, json: { errors: [{ message: "Unexpected error." }] } })
          : route.continue(),
      );
      await page.reload();
      if (part === ".numbers") await page.locator(`${part} summary`).click();
      const notice = page.locator(part).getByRole("alert");
      await readOnce(notice, /Unexpected error\./);
      assert.deepEqual(await findBarriers(page), []);
      isWell = true;
      await notice.getByRole("button").click();
      await page.locator(part).locator(there).first().waitFor();
      await notice.waitFor({ state: "detached" });
    });

  describe("Calendar", () => {
    const day = (page: Page, date: string): Locator => page.locator(`.months [data-day="${date}"]`);

    test("tells each day's maximum, and which days are missing, in words too", async () => {
      const page = await open("calendar");
      assert.match((await day(page, "2026-08-18").getAttribute("aria-label"))!, /^18 Aug 2026: Highest 7\.\d\d mV$/);
      assert.match((await day(page, "2026-07-25").getAttribute("aria-label"))!, /No plot shows this day/);
      await day(page, "2026-08-18").hover();
      await readOnce(page.locator(".day-readout"), /18 Aug 2026\s+Highest 7\.\d\d mV\s+01:\d\d UTC\s+High/);
    });

    test("has a louder day darker than a quiet one, in the light, and lighter in the dark", async () => {
      for (const { colorScheme, sign } of [
        { colorScheme: "light" as const, sign: 1 },
        { colorScheme: "dark" as const, sign: -1 },
      ]) {
        const { page } = await visit("calendar", { colorScheme });
        const brightness = (date: string): Promise<number> =>
          day(page, date).evaluate((cell) =>
            getComputedStyle(cell)
              .backgroundColor.match(/\d+/g)!
              .map(Number)
              .reduce((sum, part) => sum + part),
          );
        assert.ok(sign * ((await brightness("2026-08-14")) - (await brightness("2026-08-18"))) > 100);
      }
    });

    test("keeps its days 24 pixels apart, each way, on the smallest phone", async () => {
      const { page } = await visit("calendar", { isMobile: true, viewport: { width: 390, height: 740 } });
      for (const width of [320, 356, 357, 400, 401, 480]) {
        await page.setViewportSize({ width, height: 740 });
        const boxes = await Promise.all(
          ["2026-08-10", "2026-08-11", "2026-08-17"].map((date) => day(page, date).boundingBox()),
        );
        const [monday, tuesday, nextMonday] = boxes as { x: number; y: number }[];
        const apart = { width, across: tuesday!.x - monday!.x, down: nextMonday!.y - monday!.y };
        assert.ok(Math.min(apart.across, apart.down) >= 24, JSON.stringify(apart));
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      }
    });

    test("is walked through by keys alone, within the record, and Enter opens the day", async () => {
      const page = await open("calendar?day=2026-08-05");
      await day(page, "2026-08-05").focus();
      for (const { key, to } of [
        { key: "ArrowRight", to: "2026-08-06" },
        { key: "ArrowDown", to: "2026-08-13" },
        { key: "Home", to: "2026-08-10" },
        { key: "End", to: "2026-08-16" },
        { key: "ArrowLeft", to: "2026-08-15" },
        { key: "PageUp", to: "2026-07-15" },
        { key: "PageUp", to: "2026-07-14" },
        { key: "ArrowUp", to: "2026-07-14" },
        { key: "PageDown", to: "2026-08-14" },
      ]) {
        await page.keyboard.press(key);
        await page.locator(`[data-day="${to}"]:focus`).waitFor();
      }
      await page.waitForURL(/#\/calendar\?day=2026-08-14$/);
      assert.equal(await page.locator(".months [tabindex='0']").count(), 1);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "14 Aug 2026" }).waitFor();
      await page.goBack();
      await page.locator('[data-day="2026-08-14"][aria-current]').waitFor();
    });

    test("says nothing of the days of another year until they are told of", async () => {
      await using server = await startPageServer({ settings: { webFolder: browser.webFolder }, filled: false });
      server.api.setNow("2026-01-08T12:00:00Z");
      putPlots(server.api.catalog, ...["2025-12-31", "2026-01-07"].map((date) => plotOf(date, () => 5)));
      const { page } = await browser.visit(server.url);
      visited.push(page);
      const answers = Promise.withResolvers<void>();
      await page.route("**/graphql", async (route) => {
        if (/query Calendar.*"startDate":"2025/s.test(route.request().postData()!)) await answers.promise;
        await route.continue();
      });
      await page.goto(`${server.url}/#/calendar?day=2026-01-01`);
      await day(page, "2026-01-01").focus();
      await page.keyboard.press("ArrowLeft");
      await day(page, "2025-12-31").waitFor();
      assert.equal(await day(page, "2025-12-31").getAttribute("aria-label"), "31 Dec 2025");
      assert.equal((await page.locator(".day-readout").innerText()).trim(), "31 Dec 2025");
      answers.resolve();
      await page.locator('[aria-label="31 Dec 2025: Highest 5.00 mV"]').waitFor();
    });

    test("loses no key that comes just as the address follows the one before", async () => {
      const page = await open("calendar?day=2026-08-05");
      await day(page, "2026-08-05").focus();
      await page.clock.install();
      await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 20_000);
      await page.keyboard.press("ArrowRight");
      await page.clock.runFor(300); // so long the reader must have stood still
      while (!(await page.evaluate(() => location.hash)).includes("2026-08-06")) await page.clock.runFor(1);
      await page.keyboard.press("ArrowRight");
      await page.clock.runFor(1000);
      await page.waitForURL(/day=2026-08-07$/);
    });
  });

  describe("Day", () => {
    test("shows the newest archive where the address names none", async () => {
      const page = await open("day?zoom=nonsense");
      await page.getByRole("heading", { level: 2 }).waitFor();
      assert.match(await page.locator(".turn h2").innerText(), /^1[89] Aug 2026$/);
    });

    test("lays the digitized curve exactly over the picture's own", async () => {
      const page = await open("day?date=2026-08-18");
      await page.locator('.picture path[d^="M"]').waitFor({ state: "attached" });
      assert.ok((await inkUnderCurve(page)) > 0.95);
    });

    test("takes the curve away, and says so in the address", async () => {
      const page = await open("day?date=2026-08-18");
      await page.locator('.picture path[d^="M"]').waitFor({ state: "attached" });
      await page.getByLabel("Digitized curve").uncheck();
      await page.waitForURL(/curve=off/);
      await page.locator('.picture path[d=""]').waitFor({ state: "attached" });
    });

    test("zooms by wheel, buttons and keys, which the address then holds", async () => {
      const page = await open("day?date=2026-08-18");
      const frame = page.locator(".picture-frame");
      await frame.hover();
      await page.mouse.wheel(0, -400);
      await page.waitForURL(/zoom=2\.\d+/);
      await page.getByRole("button", { name: "Zoom in" }).click();
      await page.waitForURL(/zoom=3\.\d+/);
      await frame.focus();
      await page.keyboard.press("ArrowRight");
      await page.waitForURL(/zoom=3\.\d+,0\.5[5-9]\d*,0\.[45]\d*$/);
      const shared = await visit(page.url().split("#/")[1]!);
      const transform = async (of: Page): Promise<number[]> =>
        (await of.locator(".picture-layer").getAttribute("style"))!.match(/-?\d+(\.\d+)?/g)!.map(Number);
      const [ours, theirs] = [await transform(page), await transform(shared.page)];
      assert.equal(ours.length, 3); // right, down, times
      ours.forEach((part, at) => assert.ok(Math.abs(part - theirs[at]!) < 0.5, `${ours} and ${theirs}`));
      await page.keyboard.press("0");
      await page.waitForURL(/day\?date=2026-08-18$/);
    });

    test("goes to the archived days before and after, and says when a day has none", async () => {
      const page = await open("day?date=2026-08-14");
      await page.getByRole("link", { name: "Previous archive: 11 Aug 2026" }).click();
      await page.getByRole("heading", { name: "11 Aug 2026" }).waitFor();
      await page.getByRole("link", { name: "Next archive: 14 Aug 2026" }).waitFor();
      await page.getByLabel("Go to a day").fill("2026-08-12");
      await page.getByRole("heading", { name: "No plot is archived for 12 Aug 2026" }).waitFor();
      await page.getByText("Nine tenths between").waitFor(); // the record knows it from the plots of later days
      await page.getByRole("link", { name: "Next archive: 14 Aug 2026" }).waitFor();
      await page.getByText("None could be fetched on that day").waitFor();
      await page.getByLabel("Go to a day").fill("2099-01-01");
      await page.getByText("That day, in UTC, hasn't come yet.").waitFor();
      assert.equal(await page.getByText("None could be fetched on that day").count(), 0);
    });

    /** 18 August, with a field that goes nowhere until the reader stands still. */
    async function openDayField(): Promise<Page> {
      const { page } = await browser.visit("about:blank");
      visited.push(page);
      await page.addInitScript(holdTimers);
      await page.goto(`${archive.url}/#/day?date=2026-08-18`);
      await page.getByRole("heading", { name: "18 Aug 2026", exact: true }).waitFor();
      return page;
    }

    /** What was written is heard of after the next frame. */
    async function standStill(page: Page): Promise<void> {
      await page.waitForFunction(() => (globalThis as unknown as Still).held() > 0);
      await page.evaluate(() => (globalThis as unknown as Still).standStill());
    }

    test("goes to a day that is written key by key when it is written, in one step of the history", async () => {
      const page = await openDayField();
      const steps = await page.evaluate(() => history.length);
      await page.getByLabel("Go to a day").focus();
      await page.keyboard.type("08082026"); // whichever of day and month comes first
      await standStill(page);
      await page.getByRole("heading", { name: "No plot is archived for 8 Aug 2026" }).waitFor();
      assert.equal(await page.evaluate(() => history.length), steps + 1);
    });

    test("goes to a day that is written while the one before is on its way", async () => {
      const page = await openDayField();
      const input = page.getByLabel("Go to a day");
      await input.fill("2026-08-16");
      await page.waitForFunction(() => (globalThis as unknown as Still).held() > 0);
      await input.evaluate((field: HTMLInputElement) => {
        (globalThis as unknown as Still).standStill();
        field.value = "2026-08-17";
        field.dispatchEvent(new Event("change"));
      });
      await page.getByRole("heading", { name: "16 Aug 2026", exact: true }).waitFor();
      await page.evaluate(async () => {
        const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
        for (let count = 0; count < 3; count++) await frame(); // all that follows from it has happened then
      });
      assert.equal(await input.inputValue(), "2026-08-17");
      await standStill(page);
      await page.getByRole("heading", { name: "17 Aug 2026", exact: true }).waitFor();
    });

    test("tells where the picture comes from, by the bytes that it downloads", async () => {
      const page = await open("day?date=2026-08-18");
      const provenance = page.locator(".day-provenance");
      await provenance.getByText("1,008").waitFor();
      const text = await provenance.innerText();
      assert.match(text, /Fetched\s+18 Aug 2026, 23:55 UTC/);
      assert.match(text, /Station\s+ECBD/);
      assert.match(text, /Fidelity\s+9\d/);
      assert.match(text, /From\s+http:\/\/127\.0\.0\.1:\d+\/RMS_Etna\/2\.png/);
      const png = await save(page, page.getByRole("link", { name: "Picture, PNG" }));
      assert.equal(png.name, "etna_2026-08-18.png");
      assert.ok(text.includes(createHash("sha256").update(png.bytes).digest("hex")));
      const csv = await save(page, page.getByRole("link", { name: "Numbers, CSV" }));
      assert.equal(csv.name, "etna_2026-08-18_plot.csv", "it isn't of that day alone");
      assert.equal(csv.bytes.toString().trim().split(/\r?\n/).length, 1 + 1008);
      const json = await save(page, page.getByRole("link", { name: "Numbers, JSON" }));
      assert.equal(JSON.parse(json.bytes.toString()).count, 1008);
    });

    test("stands beside another day, and moves with it", async () => {
      const page = await open("day?date=2026-08-18");
      await page.getByLabel("Beside it").fill("2026-08-10");
      await page.getByRole("heading", { name: "10 Aug 2026" }).waitFor();
      await page.getByRole("button", { name: "Zoom in" }).first().click();
      await page.locator(".picture-layer[style*='scale(1.5)']").nth(1).waitFor();
      const layers = page.locator(".picture-layer");
      const transforms = await layers.evaluateAll((all) => all.map((one) => (one as HTMLElement).style.transform));
      assert.equal(transforms.length, 2);
      assert.equal(transforms[0], transforms[1]);
      await page.getByRole("button", { name: "Show one day" }).click();
      await page.getByRole("heading", { name: "10 Aug 2026" }).waitFor({ state: "detached" });
    });

    test("shows the picture that has taken another's place on its day, as the curve over it is that one's", async () => {
      await using server = await startPageServer({ settings: { webFolder: browser.webFolder }, filled: false });
      const today = dayOf(Date.now());
      await server.api.keep(today);
      const { page } = await browser.visit(`${server.url}/#/day?date=${today}`);
      visited.push(page);
      const picture = page.locator(".picture img");
      const before = await colourOf(picture);
      await server.api.listening(1);
      server.api.announce(await server.api.keep(today, { at: `${today}T12:30:00Z` }));
      await vi.waitUntil(async () => (await colourOf(picture)) !== before, { timeout: 10_000, interval: 20 });
    });

    test("shows the picture of an archive that is closed, wherever its address for others leads", async () => {
      const bucket = "https://bucket.example/etna.png?X-Amz-Signature=1";
      await using server = await startPageServer({
        settings: { webFolder: browser.webFolder, readToken: READ_TOKEN },
        services: { signPictureUrl: () => Promise.resolve(bucket) },
        filled: false,
      });
      await server.api.keep("2026-08-18");
      const { page } = await browser.visit(`${server.url}/#/day?date=2026-08-18`);
      visited.push(page);
      await page.getByLabel("Token").fill(READ_TOKEN);
      await page.keyboard.press("Enter");
      assert.match(await colourOf(page.locator(".picture img")), /^\d+,\d+,\d+,255$/);
      const { bytes } = await save(page, page.getByRole("link", { name: "Picture, PNG" }));
      const { sha256 } = server.api.catalog.findDay(Day.parse("2026-08-18"))!;
      assert.equal(createHash("sha256").update(bytes).digest("hex"), sha256);
    });

    test("goes where it is told in the moment in which the address follows the zoom", async () => {
      const { page } = await browser.visit("about:blank");
      visited.push(page);
      await page.addInitScript(() => {
        const due: (() => void)[] = [];
        const setTimer = globalThis.setTimeout;
        const setTimeout = (call: () => void, ms: number): unknown =>
          ms === 300 ? (due.push(call), 0) : setTimer(call, ms);
        Object.assign(globalThis, { setTimeout, due });
      });
      await page.goto(`${archive.url}/#/day?date=2026-08-18&with=2026-08-10`);
      await page.getByRole("heading", { name: "10 Aug 2026" }).waitFor();
      await page.getByRole("button", { name: "Zoom in" }).first().click();
      await page.waitForFunction(() => (globalThis as unknown as { due: unknown[] }).due.length > 1);
      await page.getByRole("button", { name: "Show one day" }).evaluate((button: HTMLElement) => {
        button.click();
        for (const call of (globalThis as unknown as { due: (() => void)[] }).due) call();
      });
      await page.getByRole("heading", { name: "10 Aug 2026" }).waitFor({ state: "detached" });
    });
  });

  test("a maximum at which the curve ran out of the plot is told as a bound, in every view", async () => {
    await using server = await startPageServer({ settings: { webFolder: browser.webFolder }, filled: false });
    const topMs = Date.parse("2026-08-17T14:00:00Z");
    putPlots(
      server.api.catalog,
      plotOf("2026-08-18", (timeMs) => (timeMs === topMs ? 12 : Math.abs(timeMs - topMs) < 6 * 3_600_000 ? 5 : 0.4)),
    );
    const { page } = await browser.visit(`${server.url}/#/calendar?day=2026-08-17`);
    visited.push(page);
    await readOnce(page.locator(".day-readout"), /Highest ≥ 10\.0 mV\s+14:00 UTC/);
    assert.equal(
      await page.locator('.months [data-day="2026-08-17"]').getAttribute("aria-label"),
      "17 Aug 2026: Highest ≥ 10.0 mV",
    );
    await page.goto(`${server.url}/#/day?date=2026-08-17`);
    await readOnce(page.locator(".day-statistics"), /Highest\s+≥ 10\.0 mV\s+14:00 UTC/);
    await page.goto(`${server.url}/#/episodes`);
    await readOnce(page.locator(".episodes td.peak"), /≥ 10\.0 mV/);
    await page.goto(`${server.url}/#/record?span=all`);
    await readOnce(page.locator("#record-summary"), /Highest\s+≥ 10\.0 mV/);
  });

  test("Episodes tells what one is on a phone and on paper, too", async () => {
    const page = await open("episodes");
    const rule = page.getByText("An episode begins with half an hour at or above 2 mV");
    await rule.waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    assert.ok(await rule.isVisible());
    await page.emulateMedia({ media: "print" });
    assert.ok(await rule.isVisible());
  });

  test("Episodes lists the newest first, and leads to the chart of one", async () => {
    const page = await open("episodes");
    const rows = page.locator("tbody tr");
    await rows.first().waitFor();
    const texts = await rows.allInnerTexts();
    assert.match(texts[0]!, /17 Aug 2026, 22:\d\d UTC\s+5 hrs? \d+ min.*7\.\d\d mV/s);
    assert.match(texts[1]!, /10 Aug 2026, 14:00 UTC\s+6 hrs? \d+ min.*3\.\d\d mV/s);
    await page.getByRole("link", { name: "10 Aug 2026, 14:00" }).click();
    await page.waitForURL(/#\/record\?from=2026-08-10T08:00Z&to=2026-08-11T0/);
    await page.locator(".chart .u-over").waitFor();
  });

  describe("Admin", () => {
    async function signIn(): Promise<Page> {
      const page = await open("admin");
      await page.getByLabel("Admin token").fill(ADMIN_TOKEN);
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Archive now" }).waitFor();
      return page;
    }

    test("refuses a wrong token plainly, and keeps the right one in memory alone", async () => {
      const page = await open("admin");
      await page.getByLabel("Admin token").fill("nonsense");
      await page.keyboard.press("Enter");
      await page.getByText("That isn't the admin token of this server.").waitFor();
      assert.equal(await page.getByRole("button", { name: "Archive now" }).count(), 0);
      await page.getByLabel("Admin token").fill(ADMIN_TOKEN);
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Archive now" }).waitFor();
      assert.equal(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage })), "{}");
      await page.getByRole("link", { name: "Episodes" }).click();
      await page.getByRole("link", { name: "Admin" }).click();
      await page.getByRole("button", { name: "Archive now" }).waitFor();
      await page.reload();
      await page.getByLabel("Admin token").waitFor();
    });

    test("archives now; a calendar that is open elsewhere shows it by itself; the history tells it", async () => {
      await archive.listening(0);
      const elsewhere = await open("calendar?day=2026-08-18");
      await archive.listening(1); // what is archived before that isn't told
      await elsewhere.locator('[data-day="2026-08-18"]').waitFor();
      assert.equal(await elsewhere.locator('[data-day="2026-08-19"]').count(), 0);
      const page = await signIn();
      await page.getByRole("button", { name: "Archive now" }).click();
      await page.getByText("A new picture is kept.").waitFor();
      await elsewhere.locator('[data-day="2026-08-19"]').waitFor();
      await page.getByRole("row", { name: /19 Aug 2026, 12:00 admin archived/ }).waitFor();
      await page.getByRole("button", { name: "Archive now" }).click();
      await page.getByText("The archive has this plot already.").waitFor();
    });

    test("verifies all that is kept, and the history tells it", async () => {
      const page = await signIn();
      await page.getByRole("button", { name: "Verify" }).click();
      await page.getByText(/^\d pictures and their records looked at, [\d.]+ [kM]B\. Nothing is damaged\.$/).waitFor();
      await page.getByRole("row", { name: /verification done/ }).waitFor();
      await page.getByRole("button", { name: "IT", exact: true }).click();
      await page.getByRole("row", { name: /verifica a buon fine .* immagini: \d; record: \d; danni: 0/ }).waitFor();
    });

    test("cleans up only what was told before, and only when told to", async () => {
      const page = await signIn();
      await page.getByLabel("Days to keep").fill("20");
      await page.getByRole("button", { name: "See what would go" }).click();
      await page.getByText(/^1 picture, \d+(\.\d)? kB, would go:$/).waitFor();
      await page.locator("[role=status]").getByText("20 Jul 2026").waitFor();
      await page.getByRole("button", { name: "Keep them" }).click();
      await page.getByRole("button", { name: "Delete 1 picture" }).waitFor({ state: "detached" });
      assert.equal((await fetch(`${archive.url}/api/archives/graph/2026-07-20`)).status, 200);
      await page.getByRole("button", { name: "See what would go" }).click();
      await page.getByRole("button", { name: "Delete 1 picture" }).click();
      await page.getByText(/^1 picture was let go/).waitFor();
      assert.equal((await fetch(`${archive.url}/api/archives/graph/2026-07-20`)).status, 404);
    });
  });
});

async function save(page: Page, link: Locator): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
  return { name: download.suggestedFilename(), bytes: await readFile((await download.path())!) };
}

/** Cumulative layout shift so far, as browsers measure it. */
function shiftOf(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise((resolve) => {
        let sum = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) sum += (entry as PerformanceEntry & { value: number }).value;
        }).observe({ type: "layout-shift", buffered: true });
        setTimeout(() => resolve(sum), 50); // what is buffered comes at once
      }),
  );
}

interface Still {
  standStill: () => void;
  held: () => number;
}

/** In the page: what waits until the reader stands still waits for `standStill()` alone. */
function holdTimers(): void {
  const timers = new Map<unknown, () => void>();
  const { setTimeout: setTimer, clearTimeout: clearTimer } = globalThis;
  const setTimeout = (call: () => void, ms: number): unknown => {
    const timer = setTimer(ms === 400 ? () => {} : call, ms);
    if (ms === 400) timers.set(timer, call);
    return timer;
  };
  const clearTimeout = (timer: number): void => {
    timers.delete(timer);
    clearTimer(timer);
  };
  const standStill = (): void => timers.forEach((call) => call());
  Object.assign(globalThis, { setTimeout, clearTimeout, standStill, held: () => timers.size });
}

/** The middle pixel of a picture, as it is shown: red, green, blue and opacity. */
function colourOf(picture: Locator): Promise<string> {
  return picture.evaluate(async (image: HTMLImageElement) => {
    await image.decode();
    const context = new OffscreenCanvas(1, 1).getContext("2d")!;
    context.drawImage(image, -Math.floor(image.naturalWidth / 2), -Math.floor(image.naturalHeight / 2));
    return context.getImageData(0, 0, 1, 1).data.join();
  });
}

/** Of the overlaid curve's vertices, the share that have the plot's own green within a pixel and a half. */
function inkUnderCurve(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const image = document.querySelector<HTMLImageElement>(".picture img")!;
    await image.decode();
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
    const context = canvas.getContext("2d")!;
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const isGreen = (x: number, y: number): boolean => {
      const at = 4 * (y * canvas.width + x);
      return data[at + 1]! - Math.max(data[at]!, data[at + 2]!) > 40;
    };
    const path = document.querySelector(".picture path")!.getAttribute("d")!;
    const vertices = [...path.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)] as const);
    const found = vertices.filter(([x, y]) =>
      [-1, 0, 1].some((down) => [-1, 0, 1].some((right) => isGreen(Math.floor(x) + right, Math.floor(y) + down))),
    );
    return found.length / vertices.length;
  });
}
