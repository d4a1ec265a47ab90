/**
 * How fast the page is, in a real browser at a quarter of its speed: `npm run bench:page`. The archive has 20 years.
 * Prints the compressed size of the script, first contentful paint, the drawing of all years, and panning.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import type { CDPSession, Page } from "playwright-core";
import { createHandler } from "../../src/api/handler.ts";
import { listen } from "../../src/api/listen.ts";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { addDays, dayOf } from "../../src/model/day.ts";
import { createTremor } from "../../src/source/demo/tremor.ts";
import { openBrowser } from "../support/browser.ts";
import { plotOf, putPlots } from "../support/tremor.ts";
import { createBenchServices } from "./record/speed.ts";

const YEARS = 20;
const SLOWDOWN = 4;
const RUNS = 5;

const catalog = openCatalog(":memory:");
const today = dayOf(Date.now());
const tremor = createTremor(1);
const weeks = Math.round((YEARS * 365.25) / 7);
putPlots(
  catalog,
  ...Array.from({ length: weeks }, (_, week) => plotOf(addDays(today, 7 * (week - weeks + 1)), tremor)),
);

await using browser = await openBrowser();
const services = createBenchServices(catalog);
const settings = { ...services.settings, webFolder: browser.webFolder };
await using server = await listen(createHandler({ ...services, settings }), {
  host: "127.0.0.1",
  port: 0,
  log: services.log,
});

const scripts = readdirSync(join(browser.webFolder, "assets")).filter((name) => name.endsWith(".js"));
const bytes = scripts.map((name) => brotliCompressSync(readFileSync(join(browser.webFolder, "assets", name))).length);
say("script, brotli", `${(bytes.reduce((sum, one) => sum + one, 0) / 1000).toFixed(1)} kB in ${scripts.length} files`);

const paints: number[] = [];
for (let run = 0; run < RUNS; run++) {
  const { page } = await browser.visit("about:blank");
  await slowDown(page);
  await page.goto(server.url);
  await page.locator(".reading").waitFor();
  paints.push(await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]!.startTime));
  await page.context().close();
}
say(
  "first contentful paint",
  `${median(paints).toFixed(0)} ms, worst of ${RUNS}: ${Math.max(...paints).toFixed(0)} ms`,
);

const { page } = await browser.visit(`${server.url}/#/record?span=all`);
await page.getByText("steps of").first().waitFor();
await slowDown(page);
for (const span of ["All", "30 d"]) {
  await page.getByRole("button", { name: span }).click();
  await page.waitForURL(/span=/);
  say(`drawing ${span === "All" ? `${YEARS} years` : span}`, `${(await drawingMs(page)).toFixed(0)} ms of script`);
  const { perSecond, worstMs } = await pan(page);
  say(
    `panning ${span === "All" ? "a year of them" : span}`,
    `${perSecond.toFixed(0)} frames/s, longest ${worstMs.toFixed(0)} ms`,
  );
}
await page.context().close();

async function slowDown(of: Page): Promise<CDPSession> {
  const session = await of.context().newCDPSession(of);
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWDOWN });
  return session;
}

/** From a change of size, which draws all anew, to the frame after. */
async function drawingMs(of: Page): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    times.push(
      await of.evaluate(
        async (wide) => {
          const holder = document.querySelector<HTMLElement>(".chart-canvas")!;
          const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
          await frame();
          const startMs = performance.now();
          holder.style.width = wide ? "99%" : "";
          await frame();
          await frame();
          return performance.now() - startMs;
        },
        run % 2 === 0,
      ),
    );
  }
  return median(times);
}

/** Moves by the wheel for two seconds, and counts the frames that come. */
async function pan(of: Page): Promise<{ perSecond: number; worstMs: number }> {
  const box = (await of.locator(".chart .u-over").boundingBox())!;
  await of.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  for (let at = 0; at < 8; at++) await of.mouse.wheel(0, -120);
  return of.evaluate(async () => {
    const area = document.querySelector(".chart .u-over")!;
    const frames: number[] = [];
    const startMs = performance.now();
    for (let direction = 1; performance.now() - startMs < 2000; direction = frames.length % 60 < 30 ? 1 : -1) {
      area.dispatchEvent(new WheelEvent("wheel", { deltaX: 12 * direction, bubbles: true, cancelable: true }));
      frames.push(await new Promise<number>((resolve) => requestAnimationFrame(resolve)));
    }
    const apart = frames.slice(1).map((frameMs, at) => frameMs - frames[at]!);
    return { perSecond: (1000 * apart.length) / apart.reduce((sum, one) => sum + one, 0), worstMs: Math.max(...apart) };
  });
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function say(what: string, measured: string): void {
  console.log(`${what.padEnd(28)} ${measured}`);
}
