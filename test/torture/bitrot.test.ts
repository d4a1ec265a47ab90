import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { bitrotInCatalog, bitrotInFiles } from "./bitrot.ts";

// The long form is `npm run torture`.
describe("one bit that flips", () => {
  test("in any file of the archive is found, never served as good, and mended from a copy byte for byte", async () => {
    const { pictures, gzips, records, found, repaired } = await bitrotInFiles({ flips: 60 });
    assert.deepEqual([pictures + gzips + records, found, repaired], [60, 60, 60]);
  });

  test("in the catalog is found where it changes what is said, and the archive tells it all again", async () => {
    const { foundAtOpening, foundByVerify, inUnusedRoom } = await bitrotInCatalog({ flips: 12 });
    assert.equal(foundAtOpening + foundByVerify + inUnusedRoom, 12);
  });
});
