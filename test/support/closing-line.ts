/**
 * A vitest reporter that closes a run with one plain line, for readers that know no vitest.
 */
import type { Reporter, TestModule } from "vitest/node";

export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      if (module.state() === "failed" && [...module.children.allTests()].length === 0) count.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== "pending") count[state] += 1;
      }
    }
    const runtime = "Deno" in globalThis ? "deno" : "node";
    console.log(`${runtime}: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
  }
}
