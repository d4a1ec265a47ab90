/**
 * A real browser on a page built from the source as it stands, served by a real server on loopback.
 * Whatever a page writes to its console as an error, throws, or asks of another host is kept, for tests to see that
 * there was nothing.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type BrowserContextOptions, type Locator, type Page } from "playwright-core";
import { build } from "vite";

/** Debian's, or whatever else is called so; `undefined`: tests skip with a word. */
export const chromiumPath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  existsSync,
);

/** What happens in a browser takes its time, and is the same whoever serves the page: one runtime is enough for it. */
export const isSkipped = chromiumPath === undefined || "Deno" in globalThis;

export interface Visitor {
  page: Page;
  /** What went wrong that no one should see: console errors, exceptions, requests to other hosts. */
  troubles: string[];
}

export interface TestBrowser extends AsyncDisposable {
  /** Where the page was built. */
  webFolder: string;
  /** A visitor who was never here before: English, light, on a desk, in Sicily, unless told otherwise. */
  visit(url: string, options?: BrowserContextOptions): Promise<Visitor>;
}

/** Nothing that goes out, and nothing that needs what a container hasn't. */
const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
].concat(["--disable-component-update", "--disable-sync"]);

export async function openBrowser(): Promise<TestBrowser> {
  await using opened = new AsyncDisposableStack();
  const webFolder = await mkdtemp(join(tmpdir(), "etna-web-"));
  opened.defer(() => rm(webFolder, { recursive: true, force: true }));
  await build({ logLevel: "error", build: { outDir: webFolder } });
  const browser = await chromium.launch({ executablePath: chromiumPath!, args: QUIET });
  opened.defer(() => browser.close());
  const owned = opened.move();
  return {
    webFolder,
    async visit(url, options = {}) {
      const context = await browser.newContext({
        viewport: { width: 1440, height: 900 },
        locale: "en-GB",
        timezoneId: "Europe/Rome",
        colorScheme: "light",
        ...options,
      });
      const page = await context.newPage();
      const troubles: string[] = [];
      page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) troubles.push(message.text());
      });
      page.on("pageerror", (error) => troubles.push(String(error)));
      page.on("request", (request) => {
        const { origin, protocol } = new URL(request.url());
        if (origin !== new URL(page.url()).origin && origin !== new URL(url).origin && protocol !== "blob:")
          troubles.push(`asked ${request.url()}`);
      });
      await page.goto(url);
      return { page, troubles };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** No answer takes as long, on any machine. */
const WAIT_MS = 30_000;

/** What it says, once it says that: what the server is asked for is there when it is there. */
export async function readOnce(of: Locator, pattern: RegExp): Promise<string> {
  for (const untilMs = performance.now() + WAIT_MS; ;) {
    const text = await of.innerText();
    if (pattern.test(text)) return text;
    if (performance.now() > untilMs) assert.match(text, pattern);
    await of.page().evaluate(() => new Promise(requestAnimationFrame));
  }
}

const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** What axe-core finds against WCAG 2.2 AA, each as its rule and where. */
export async function findBarriers(page: Page): Promise<string[]> {
  const { readFile } = await import("node:fs/promises");
  await page.evaluate(await readFile(axePath, "utf8")); // not as a script of the page: its policy allows none
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
    const { violations } = await axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id} ${target.join(" ")}`));
  });
}
