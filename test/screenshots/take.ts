/**
 * npm run screenshots: every view as people see it, into screenshots/, which git ignores. A word after it takes only
 * pictures whose name has that word: `npm run screenshots -- day phone`.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import { addDays, Day, dayOf } from "../../src/model/day.ts";
import { createTremor } from "../../src/source/demo/tremor.ts";
import { ADMIN_TOKEN } from "../support/api-server.ts";
import { chromiumPath, openBrowser } from "../support/browser.ts";
import { startDemoArchive, TODAY } from "../support/demo-archive.ts";
import { startPageServer } from "../support/page-server.ts";
import { plotOf, putPlots } from "../support/tremor.ts";

const FOLDER = join(import.meta.dirname, "../../screenshots");
const YEARS = 20;
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

interface Scene {
  name: string;
  /** After `#/`. */
  place: string;
  /** Is there once all is. */
  there: string;
  prepare?: (page: Page) => Promise<void>;
}

const looks: { name: string; options: BrowserContextOptions }[] = [
  { name: "desk-light-en", options: {} },
  { name: "desk-dark-it", options: { colorScheme: "dark", locale: "it-IT" } },
  { name: "phone-light-it", options: { ...PHONE, locale: "it-IT" } },
  { name: "phone-dark-en", options: { ...PHONE, colorScheme: "dark" } },
];

const views: Scene[] = [
  { name: "now", place: "", there: ".facts dd" },
  { name: "record", place: "record?span=30d", there: "#record-summary[aria-busy=false]" },
  { name: "calendar", place: "calendar?day=2026-08-18", there: ".day-readout strong" },
  { name: "day", place: "day?date=2026-08-18", there: ".picture path[d^=M]" },
  { name: "day-zoomed", place: "day?date=2026-08-18&zoom=5,0.86,0.3", there: ".picture path[d^=M]" },
  { name: "day-beside", place: "day?date=2026-08-18&with=2026-08-10", there: ".sheet:last-child path[d^=M]" },
  { name: "day-none", place: "day?date=2026-07-16", there: ".sheet .state" },
  { name: "episodes", place: "episodes", there: ".episodes td" },
  { name: "admin", place: "admin", there: ".history" },
  { name: "admin-in", place: "admin", there: ".history", prepare: workAsAdmin },
];

const wanted = process.argv.slice(2);
const isWanted = (name: string): boolean => wanted.every((word) => name.includes(word));

if (chromiumPath === undefined) throw new Error("There is no Chromium to take pictures with");
await mkdir(FOLDER, { recursive: true });
await using browser = await openBrowser();
const { webFolder } = browser;

{
  const days = Array.from({ length: 110 }, (_, at) => addDays(TODAY, at - 110));
  const missing = ["2026-05-16", "2026-07-16", "2026-07-17"].map((day) => Day.parse(day));
  await using demo = await startDemoArchive(
    webFolder,
    days.filter((day) => !missing.includes(day) && (day < "2026-06-03" || day > "2026-06-16")),
  );
  await takeAll("demo", demo.url, views);
}
{
  await using empty = await startPageServer({ settings: { webFolder }, filled: false });
  await takeAll(
    "empty",
    empty.url,
    views.filter(({ name }) => !name.includes("-")).map((view) => ({ ...view, there: ".state, .admin .history" })),
  );
}
{
  await using down = await startPageServer({ settings: { webFolder } });
  const startedMs = Date.now() - 300_000;
  const { id } = down.api.catalog.startRun({ trigger: "SCHEDULE", startedMs });
  const error = { code: "SOURCE_UNAVAILABLE", message: "No answer within 20 s" } as const;
  down.api.catalog.endRun(id, { endedMs: startedMs + 21_000, outcome: "FAILED", error });
  down.api.setNow(new Date(Date.now() + 9 * 3_600_000).toISOString());
  await takeAll("source-down", down.url, [views[0]!, views.find(({ name }) => name === "admin")!]);
  const goOffline = async (page: Page): Promise<void> => {
    await down.stop();
    await page.locator(".banner.lost").waitFor();
    await down.start(); // for the next one; this one tries again only after a while
  };
  await takeAll("offline", down.url, [{ ...views[0]!, prepare: goOffline }]);
}
{
  await using long = await startPageServer({ settings: { webFolder }, filled: false });
  const tremor = createTremor(1);
  const today = dayOf(Date.now());
  const weeks = Math.round((YEARS * 365.25) / 7);
  const plots = Array.from({ length: weeks }, (_, week) => plotOf(addDays(today, 7 * (week - weeks + 1)), tremor));
  putPlots(long.api.catalog, ...plots.filter((_, week) => week % 61 !== 17));
  await takeAll("years", long.url, [
    { name: "record", place: "record?span=all", there: "#record-summary[aria-busy=false]" },
    { name: "calendar", place: "calendar", there: ".years[aria-busy=false]" },
    { name: "episodes", place: "episodes", there: ".episodes td" },
  ]);
}

async function takeAll(archive: string, url: string, scenes: readonly Scene[]): Promise<void> {
  for (const look of looks)
    for (const scene of scenes) {
      const name = `${archive}-${scene.name}-${look.name}`;
      if (!isWanted(name)) continue;
      const { page } = await browser.visit(`${url}/#/${scene.place}`, look.options);
      await page.locator(scene.there).first().waitFor({ state: "attached" });
      await scene.prepare?.(page);
      await page.evaluate(() => Promise.all([...document.images].map((image) => image.decode().catch(() => {}))));
      await page.screenshot({ path: join(FOLDER, `${name}.png`), fullPage: true, animations: "disabled" });
      await page.context().close();
      process.stdout.write(`${name}\n`);
    }
}

async function workAsAdmin(page: Page): Promise<void> {
  await page.locator("input[type=password]").fill(ADMIN_TOKEN);
  await page.keyboard.press("Enter");
  await page.locator(".tasks input[type=number]").fill("60");
  await page.keyboard.press("Enter");
  await page.locator(".tasks [role=status]").waitFor();
}
