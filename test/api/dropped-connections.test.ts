/** What the log hears of connections that were too many. */
import assert from "node:assert/strict";
import { pino } from "pino";
import { afterEach, beforeEach, describe, test, vi } from "vitest";
import { createDroppedConnections } from "../../src/api/dropped-connections.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function createTold() {
  const told: { count: number; peer: string }[] = [];
  const log = pino({}, { write: (line: string) => void told.push(JSON.parse(line) as (typeof told)[0]) });
  return { told: () => told.splice(0).map(({ count, peer }) => `${count} ${peer}`), log };
}

describe("of dropped connections the log is told", () => {
  test("the first at once, those that follow once a minute, and nothing while there are none", () => {
    const { told, log } = createTold();
    using dropped = createDroppedConnections(log);
    dropped.add("10.0.0.1");
    assert.deepEqual(told(), ["1 10.0.0.1"]);
    for (let count = 0; count < 5000; count++) dropped.add("10.0.0.2");
    vi.advanceTimersByTime(59_999);
    assert.deepEqual(told(), []);
    vi.advanceTimersByTime(1);
    assert.deepEqual(told(), ["5000 10.0.0.2"]);
    dropped.add("10.0.0.3");
    vi.advanceTimersByTime(60_000);
    assert.deepEqual(told(), ["1 10.0.0.3"]);
    vi.advanceTimersByTime(600_000);
    assert.deepEqual(told(), []);
    dropped.add("10.0.0.4");
    assert.deepEqual(told(), ["1 10.0.0.4"], "after a quiet minute the next is a first one");
  });

  test("those that weren't told yet as the server closes, and no timer is left", () => {
    const { told, log } = createTold();
    {
      using dropped = createDroppedConnections(log);
      dropped.add("10.0.0.1");
      dropped.add("10.0.0.2");
      told();
    }
    assert.deepEqual(told(), ["1 10.0.0.2"]);
    assert.equal(vi.getTimerCount(), 0);
  });
});
