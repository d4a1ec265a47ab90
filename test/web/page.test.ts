/** The page's frame in a real browser: what holds for every view. */
import assert from "node:assert/strict";
import { decode } from "fast-png";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, test } from "vitest";
import { READ_TOKEN } from "../support/api-server.ts";
import { chromiumPath, findBarriers, openBrowser, type TestBrowser } from "../support/browser.ts";
import { startPageServer, type PageServer } from "../support/page-server.ts";

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

/** How much of what was seen moved by itself while the page came (https://web.dev/articles/cls). */
const shiftOf = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const observer = new PerformanceObserver((list) => {
          const shifts = list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[];
          resolve(shifts.reduce((sum, { value, hadRecentInput }) => sum + (hadRecentInput ? 0 : value), 0));
        });
        observer.observe({ type: "layout-shift", buffered: true });
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(0)));
      }),
  );

describe.skipIf(chromiumPath === undefined)("the page (skipped where no Chromium is installed)", () => {
  let browser: TestBrowser;
  let server: PageServer;
  beforeAll(async () => {
    browser = await openBrowser();
    server = await startPageServer({ settings: { webFolder: browser.webFolder, synthetic: true } });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await browser[Symbol.asyncDispose]();
  });

  for (const { view, heading } of [
    { view: "", heading: "Volcanic tremor of Mt Etna" },
    { view: "#/record", heading: "Tremor record" },
  ])
    for (const { name, options } of [
      { name: "a desk, in light", options: {} },
      { name: "a phone, in the dark", options: { ...PHONE, colorScheme: "dark" as const } },
    ])
      test(`/${view} on ${name}: no trouble, no barrier, nothing wider than the screen`, async () => {
        const { page, troubles } = await browser.visit(`${server.url}/${view}`, options);
        await page.getByRole("heading", { name: heading, level: 1 }).waitFor();
        await page.locator(".facts dd").first().waitFor();
        assert.deepEqual(await findBarriers(page), []);
        assert.ok((await shiftOf(page)) < 0.02, `things jumped by ${await shiftOf(page)}`);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
        assert.deepEqual(troubles, []);
        await page.context().close();
      });

  test("says that the demo's data are made up", async () => {
    const { page } = await browser.visit(server.url);
    await page.getByText("Demo: synthetic data").waitFor();
  });

  test("speaks the browser's language, and another when told, and remembers", async () => {
    const { page } = await browser.visit(server.url, { locale: "it-IT" });
    await page.getByRole("link", { name: "Adesso" }).waitFor();
    assert.equal(await page.locator("html").getAttribute("lang"), "it");
    assert.match(await page.locator(".reading").innerText(), /^\d,\d+ mV$/);
    await page.getByRole("button", { name: "EN", exact: true }).click();
    await page.getByRole("link", { name: "Now" }).waitFor();
    await page.reload();
    await page.getByRole("link", { name: "Now" }).waitFor();
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
  });

  test("is dark where the system is, and otherwise when told, and remembers", async () => {
    const { page } = await browser.visit(server.url, { colorScheme: "dark" });
    const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const dark = await background();
    await page.getByRole("button", { name: "Light theme" }).click();
    const light = await background();
    assert.notEqual(light, dark);
    await page.reload();
    await page.getByRole("button", { name: "Dark theme" }).waitFor();
    assert.equal(await background(), light);
  });

  test("goes from view to view by keyboard alone, and back", async () => {
    const { page } = await browser.visit(server.url);
    await page.locator(".reading").waitFor();
    await page.keyboard.press("Tab");
    await page.locator(":focus", { hasText: "Skip to the content" }).waitFor();
    await page.keyboard.press("Enter");
    await page.locator("#main:focus").waitFor();
    await page.getByRole("link", { name: "Record", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Tremor record" }).waitFor();
    await page.locator("#main:focus").waitFor();
    assert.equal(await page.title(), "Record · Etna tremor");
    await page.goBack();
    await page.locator(".reading").waitFor();
  });

  test("tells of a view that isn't there", async () => {
    const { page } = await browser.visit(`${server.url}/#/nowhere`);
    await page.getByRole("heading", { level: 1, name: "There is no such view." }).waitFor();
  });

  test("asks for a token where reading needs one, refuses a wrong one, and keeps the right one nowhere", async () => {
    await using closed = await startPageServer({ settings: { webFolder: browser.webFolder, readToken: READ_TOKEN } });
    const { page } = await browser.visit(closed.url);
    await page.getByLabel("Token").fill("nonsense");
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText("That isn't the right token.").waitFor();
    await page.getByLabel("Token").fill(READ_TOKEN);
    await page.keyboard.press("Enter");
    await page.locator(".reading").waitFor();
    await closed.api.listening(1);
    assert.equal(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage })), "{}");
    await page.reload();
    await page.getByLabel("Token").waitFor();
    await page.context().close();
  });

  test("survives a restart of the server: it says that it can't reach it, and goes on by itself", async () => {
    await using other = await startPageServer({ settings: { webFolder: browser.webFolder } });
    const { page } = await browser.visit(other.url);
    await page.locator(".reading").waitFor();
    await other.api.listening(1);
    await other.stop();
    await page.getByText("The server can't be reached").waitFor();
    assert.equal(await page.locator(".reading").count(), 1, "what was known stays");
    await other.start();
    await other.api.listening(1);
    await page.getByText("The server can't be reached").waitFor({ state: "detached" });
    await page.context().close();
  });

  test("gone to a view while the server is away, it says so, and shows the view when it is back", async () => {
    await using other = await startPageServer({ settings: { webFolder: browser.webFolder } });
    const { page } = await browser.visit(other.url);
    await page.locator(".reading").waitFor();
    await other.stop();
    await page.getByRole("link", { name: "Episodes" }).click();
    await page.getByRole("heading", { name: "The server can't be reached" }).waitFor();
    await other.start();
    await page.locator(".episodes tbody tr").waitFor();
    await page.context().close();
  });

  test("keeps its colours apart where the system's own are forced, and is ink on white on paper", async () => {
    const { page } = await browser.visit(`${server.url}/#/record`, { forcedColors: "active", colorScheme: "dark" });
    await page.locator("#record-summary[aria-busy=false]").waitFor();
    const inks = (): Promise<string[]> =>
      page.locator(".chart canvas").evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
        const found = new Set<string>();
        for (let at = 0; at < data.length; at += 4) if (data[at + 3] === 255) found.add(data.slice(at, at + 3).join());
        return [...found];
      });
    const [light, dark] = ["233,231,226", "28,31,34"]; // the ink of either theme
    assert.ok((await inks()).includes(light!));
    assert.ok((await inks()).length > 10); // the labels of the levels
    await page.emulateMedia({ media: "print", forcedColors: "none", colorScheme: "dark" });
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    assert.ok((await inks()).includes(dark!) && !(await inks()).includes(light!));
    assert.equal(
      await page.locator("h1").evaluate((heading) => getComputedStyle(heading).color.match(/\d+/g)!.join()),
      dark,
    );
    await page.context().close();
  });

  test("GraphiQL goes to the example that is pressed, which stays under the pointer", async () => {
    const { page, troubles } = await browser.visit(`${server.url}/graphql`);
    const tab = page.getByRole("tab", { name: "TremorRecord" });
    await tab.hover(); // waits until it lies still
    const before = await tab.boundingBox();
    await page.mouse.down();
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    assert.deepEqual(await tab.boundingBox(), before);
    await page.mouse.up();
    await page.locator("[role=tab][aria-selected=true]", { hasText: "TremorRecord" }).waitFor();
    assert.deepEqual(troubles, []);
    await page.context().close();
  });

  for (const deviceScaleFactor of [1, 1.5, 3])
    test(`the views' links leave no trace of a shade where none of them is out of sight, at ${deviceScaleFactor} dots a pixel`, async () => {
      const { page } = await browser.visit(server.url, { viewport: { width: 1280, height: 800 }, deviceScaleFactor });
      const links = page.locator(".frame-header nav");
      await links.waitFor();
      await links.locator("ul").evaluate((list) => (list.style.visibility = "hidden"));
      const { data, channels } = decode(await links.screenshot());
      const inks = new Set(
        Array.from({ length: data.length / channels }, (_, at) => data.slice(at * channels, at * channels + 3).join()),
      );
      assert.deepEqual([...inks], ["251,250,247"]);
      await page.context().close();
    });

  test("has nothing wider than a screen of 320 pixels, a desk's at twice its size, or a phone's with text twice as large", async () => {
    const { page } = await browser.visit(server.url, { locale: "it-IT" });
    for (const { place, there } of [
      { place: "now", there: ".now .facts dd" },
      { place: "record", there: "#record-summary[aria-busy=false]" },
      { place: "calendar", there: ".months" },
      { place: "episodes", there: ".episodes td" },
      { place: "admin", there: ".history" },
    ]) {
      await page.goto(`${server.url}/#/${place}`);
      await page.locator(there).first().waitFor();
      for (const { text, ...size } of [
        { width: 320, height: 640, text: "100%" },
        { width: 720, height: 450, text: "100%" },
        { width: 360, height: 740, text: "200%" },
      ]) {
        await page.setViewportSize(size);
        await page.evaluate((fontSize) => void (document.documentElement.style.fontSize = fontSize), text);
        // What is drawn follows the window a frame later.
        const fits = page.waitForFunction(() => document.documentElement.scrollWidth <= innerWidth);
        await assert.doesNotReject(fits, `${place} at ${size.width} pixels, text at ${text}`);
      }
    }
    await page.context().close();
  });
});
