import assert from "node:assert/strict";
import { test } from "vitest";
import { createDigitizer, openThreadedDigitizer } from "../../src/jobs/digitizer.ts";
import { Day } from "../../src/model/day.ts";
import { demoPlots } from "../../src/source/demo.ts";

test("a digitizer with threads reads as the one without, also after it was let go", async () => {
  const [from, to] = [Day.parse("2025-03-01"), Day.parse("2025-03-02")];
  const plots = await Array.fromAsync(demoPlots({ from, to, sourceUrl: "demo" }));
  await using threaded = openThreadedDigitizer(1);
  const alone = createDigitizer();
  assert.equal(threaded.version, alone.version);
  for (const { png, fetchedMs } of plots) {
    assert.deepEqual(await threaded.read(png, fetchedMs), await alone.read(png, fetchedMs));
    await threaded.release!();
  }
});
