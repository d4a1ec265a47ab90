import assert from "node:assert/strict";
import { test } from "vitest";
import { startScript } from "../support/runtimes.ts";

test("a command that is told to stop and can't end its work has failed", async () => {
  await using child = startScript("torture/endless-work.ts", []);
  await child.lines.next();
  child.process.kill("SIGTERM");
  assert.notEqual(await child.ended, 0); // Deno names the signal
});
