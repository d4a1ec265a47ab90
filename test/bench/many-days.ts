/** A tree of very many days, for benchmarks. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256Of } from "../../src/archive/reader.ts";
import { formatRecord } from "../../src/archive/record-file.ts";
import { addDays, Day } from "../../src/model/day.ts";
import type { Digitization } from "../../src/model/plot.ts";
import { samplePng } from "../support/sample-plot.ts";

/**
 * Writes pictures and records of their usual sizes, each day its own, without the archive's syncs.
 * @param readingOf what each plot shows
 */
export async function writeDays(
  base: string,
  first: Day,
  count: number,
  readingOf: (day: Day) => Digitization,
): Promise<void> {
  for (let at = 0; at < count; at++) {
    const day = addDays(first, at);
    const png = samplePng(day);
    const record = formatRecord({
      day,
      picture: { sha256: sha256Of(png), sizeBytes: png.length, widthPx: 96, heightPx: 96 },
      source: { url: "https://plots.example/2.png", fetchedMs: Date.parse(`${day}T12:00:00Z`), version: {} },
      reading: readingOf(day),
      stale: false,
    });
    const folder = join(base, day.replaceAll("-", "/"));
    await mkdir(folder, { recursive: true });
    // The picture first, as the archive does: a picture newer than its record would be one that was never read.
    for (const [kind, bytes] of [
      ["png", png],
      ["json", record],
    ] as const)
      await writeFile(join(folder, `etna_${day.replaceAll("-", "")}.${kind}`), bytes);
  }
}
