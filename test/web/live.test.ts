/** What a page does whose server can't be reached, or sends it away: in a real browser, on a real server. */
import assert from "node:assert/strict";
import type { BrowserContextOptions, Page, Route } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from "vitest";
import { isSkipped, openBrowser, type TestBrowser } from "../support/browser.ts";
import { startPageServer, type PageServer } from "../support/page-server.ts";

/** Answers a request itself, or leaves it to the server. */
type Between = (route: Route) => Promise<void>;

const isSubscription = (route: Route): boolean => route.request().postData()?.includes("subscription") === true;

describe.skipIf(isSkipped)("a page's server (skipped on Deno, and where no Chromium is installed)", () => {
  let browser: TestBrowser;
  let server: PageServer;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser[Symbol.asyncDispose]());
  beforeEach(async () => {
    server = await startPageServer({ settings: { webFolder: browser.webFolder } });
  });
  afterEach(() => server[Symbol.asyncDispose]());

  /** A visitor with someone between the page and the server's GraphQL. */
  async function visit(between: Between, options?: BrowserContextOptions): Promise<Page> {
    const { page } = await browser.visit("about:blank", options);
    await page.clock.install(); // goes on as any clock does, and can be moved ahead
    await page.route("**/graphql", between);
    await page.goto(server.url);
    return page;
  }

  test("away when the page was opened: all of it is there once the server is", async () => {
    let isAway = true;
    const page = await visit((route) => (isAway ? route.abort() : route.continue()));
    await page.getByRole("heading", { name: "The server can't be reached" }).waitFor();
    isAway = false;
    await page.locator(".reading").waitFor();
    await page.locator(".last-day .trace").waitFor({ state: "attached" });
    await page.locator(".banner").waitFor({ state: "detached" });
    await page.context().close();
  });

  test("out of reach as the device leaves its network: the page says so at once, and comes back with it", async () => {
    const page = await visit((route) => route.continue());
    await page.locator(".reading").waitFor();
    await server.api.listening(1);
    await page.context().setOffline(true);
    await page.locator(".banner", { hasText: "The server can't be reached" }).waitFor();
    await page.context().setOffline(false);
    await page.locator(".banner").waitFor({ state: "detached" });
    await page.context().close();
  });

  for (const { status, code, locale, told } of [
    { status: 429, locale: "en-GB", told: "The server can't say just now what is new" },
    { status: 500, locale: "it-IT", told: "Il server ora non riesce a dire le novità" },
    { status: 503, locale: "en-GB", told: "The server can't be reached" },
    { status: 503, code: "BUSY", locale: "en-GB", told: "The server can't say just now what is new" },
  ])
    test(`answers ${code ?? status} when it is to tell what is new: the page says so, and listens later`, async () => {
      let isWell = false;
      const json = code && { errors: [{ message: "Too many", extensions: { code } }] };
      const page = await visit(
        (route) => (isSubscription(route) && !isWell ? route.fulfill({ status, json }) : route.continue()),
        {
          locale,
        },
      );
      await page.locator(".banner", { hasText: told }).waitFor();
      isWell = true;
      await page.clock.fastForward(60_000);
      await server.api.listening(1);
      await page.locator(".banner").waitFor({ state: "detached" });
      await page.context().close();
    });

  for (const { form, value } of [
    { form: "seconds", value: () => "3000" },
    { form: "a date", value: () => new Date(Date.now() + 3_000_000).toUTCString() },
  ])
    test(`says in ${form} when it can be asked again: it isn't asked before, unless the reader wants to`, async () => {
      let subscriptions = 0;
      const page = await visit((route) =>
        isSubscription(route) && ++subscriptions === 1
          ? route.fulfill({ status: 429, headers: { "Retry-After": value() } })
          : route.continue(),
      );
      await page.locator(".banner").waitFor();
      await page.clock.runFor(120_000); // the longest pause without such a word takes a third of it
      await page.locator(".reading").waitFor();
      assert.equal(subscriptions, 1);
      await page.locator(".banner").getByRole("button", { name: "Try again" }).click();
      await server.api.listening(1);
      await page.locator(".banner").waitFor({ state: "detached" });
      await page.context().close();
    });

  test("tells the page of no news: it looks for them by itself", async () => {
    let refusals = 0;
    const looked = Promise.withResolvers<void>();
    const page = await visit((route) => {
      if (!isSubscription(route)) {
        if (refusals >= 2) looked.resolve();
        return route.continue();
      }
      refusals++;
      return route.fulfill({ status: 503, json: { errors: [{ extensions: { code: "BUSY" } }] } });
    });
    await page.locator(".reading").waitFor();
    await looked.promise;
    await page.context().close();
  });

  test("ends each stream at once: the page takes ever longer to ask again", async () => {
    let subscriptions = 0;
    const page = await visit((route) => {
      if (!isSubscription(route)) return route.continue();
      subscriptions++;
      return route.fulfill({ contentType: "text/event-stream", body: ":\n\n" });
    });
    await page.locator(".reading").waitFor();
    for (let second = 0; second < 60; second++) {
      await page.clock.runFor(1000);
      // Takes the page as long as a try.
      await page.evaluate(() => fetch("graphql", { method: "POST", body: "" }).catch(() => {}));
    }
    assert.ok(subscriptions >= 4 && subscriptions <= 9, `it asked ${subscriptions} times in a minute`);
    await page.context().close();
  });

  test("away while nobody looks at the page: it is tried again after a pause, as ever", async () => {
    const { page } = await browser.visit("about:blank");
    await page.addInitScript(() => Object.defineProperty(document, "hidden", { value: false, writable: true }));
    await page.clock.install();
    await page.clock.pauseAt(Date.now() + 3_600_000); // so that no pause ends
    let subscriptions = 0;
    const hidden = Promise.withResolvers<void>();
    await page.route("**/graphql", async (route) => {
      if (isSubscription(route)) {
        subscriptions += 1;
        await page.evaluate(() => {
          Object.assign(document, { hidden: true });
          document.dispatchEvent(new Event("visibilitychange"));
        });
        hidden.resolve();
      }
      await route.abort();
    });
    await page.goto(server.url);
    await hidden.promise;
    // Each takes the page as long as a try that fails.
    for (let at = 0; at < 20; at++)
      await page.evaluate(() => fetch("graphql", { method: "POST", body: "" }).catch(() => {}));
    assert.equal(subscriptions, 1);
    await page.context().close();
  });
});
