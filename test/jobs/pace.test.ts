import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { createPace } from "../../src/jobs/pace.ts";
import { ShutDown } from "../../src/model/errors.ts";

/** A clock that a pause moves on, and that each read moves on by what it takes. */
function paced(bytesPerSecond: number | undefined, reads: { bytes: number; tookMs: number }[]) {
  let nowMs = 1000;
  const pauses: number[] = [];
  const pace = createPace({
    bytesPerSecond,
    now: () => nowMs,
    pause: async (ms) => {
      pauses.push(ms);
      nowMs += ms;
    },
  });
  return (async () => {
    for (const { bytes, tookMs } of reads) {
      nowMs += tookMs;
      await pace(bytes);
    }
    return { pauses, tookMs: nowMs - 1000 };
  })();
}

describe("a pace", () => {
  test("holds reading back to its bytes a second, over all", async () => {
    const { tookMs } = await paced(
      1000,
      Array.from({ length: 10 }, () => ({ bytes: 500, tookMs: 20 })),
    );
    assert.equal(tookMs, 5000);
  });

  test("lets who reads slower go on at once", async () => {
    assert.deepEqual((await paced(1000, [{ bytes: 500, tookMs: 700 }])).pauses, []);
  });

  test("that is stopped while it waits ends with the reason, as other work does, and not with the timer's own error", async () => {
    const stopping = new AbortController();
    const waiting = createPace({ bytesPerSecond: 1, signal: stopping.signal })(1000);
    stopping.abort(new ShutDown("Stopped by SIGINT"));
    await assert.rejects(waiting, new ShutDown("Stopped by SIGINT"));
  });

  test("that nobody asked for never waits", async () => {
    assert.deepEqual((await paced(undefined, [{ bytes: 1e12, tookMs: 1 }])).pauses, []);
  });

  test("makes no pauses too short to be worth it", async () => {
    assert.deepEqual((await paced(1000, [{ bytes: 4, tookMs: 0 }])).pauses, []);
  });
});
