import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { mayMount } from "../support/small-disk.ts";
import { everyStepFails, fullDisk } from "./faults.ts";

const canMount = await mayMount();

// The long form is `npm run torture`.
describe("whatever writes to an archive", () => {
  test("fails with a typed error when a step fails, leaves a whole archive, and the next run succeeds", async () => {
    const { works, steps, failed } = await everyStepFails({ step: 16 });
    assert.ok(works === 6 && steps >= works * 5 && failed > steps / 2, `${failed} of ${steps} steps failed`);
  });

  test.skipIf(!canMount)("does so on a disk that is really full", async () => {
    const { works, fillings, failed } = await fullDisk({ fillings: 2 });
    assert.ok(works === 6 && fillings === 12 && failed >= works, `${failed} of ${fillings} failed`);
  });
});
