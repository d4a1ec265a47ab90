/** Manifests: what is written is read again, and whatever isn't just of that form can't be relied on. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { test } from "vitest";
import { formatManifest, parseManifest, type Manifest } from "../../src/archive/manifest.ts";

const sha256 = "0123456789abcdef".repeat(4);
const entry = {
  key: "2025/11/04/etna_20251104.png.gz",
  size: 4711,
  sha256,
  pngSha256: "fedcba9876543210".repeat(4),
  sourceOf: undefined,
  modifiedMs: 1_762_257_600_000.25,
  backedUpMs: 1_762_261_200_000,
  stored: { size: 4911, sha256, recipient: "age1of-a-test" },
};
const manifest: Manifest = {
  sequence: 7,
  atMs: 1_762_261_200_123,
  recipient: "age1of-a-test",
  previous: sha256,
  removing: ["2025/11/03/etna_20251103.png"],
  entries: [
    entry,
    { ...entry, key: "2025/11/04/etna_20251104.json", pngSha256: undefined, sourceOf: sha256, stored: undefined },
    { ...entry, key: "2025/11/05/etna_20251105.png.gz", stored: { ...entry.stored, recipient: "age1of-before" } },
    { ...entry, key: "2025/11/06/etna_20251106.png.gz", stored: { ...entry.stored, recipient: undefined } },
  ],
};

test("a manifest reads as it was written", async () => {
  const { bytes, sha256: whole } = await formatManifest(manifest);
  assert.deepEqual(await parseManifest(bytes), { ...manifest, sha256: whole });
});

test("of a manifest of before, all copies are for the recipient that its head names", async () => {
  const copy = { ...line, stored: { size: 4911, sha256 } };
  const parsed = await parseManifest(sealed([{ ...head, recipient: "age1of-a-test" }, copy]));
  assert.equal(parsed?.entries[0]?.stored?.recipient, "age1of-a-test");
});

test("a manifest of nothing reads as such", async () => {
  const { bytes } = await formatManifest({ ...manifest, entries: [] });
  assert.deepEqual((await parseManifest(bytes))?.entries, []);
});

/** A manifest of these lines, with the digest that belongs to them. */
function sealed(lines: readonly unknown[]): Uint8Array {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  return gzipSync(`${text}${JSON.stringify({ sha256: createHash("sha256").update(text).digest("hex") })}\n`);
}
const head = { version: 1, sequence: 1, at: "2025-11-04T13:00:00.000Z" };
const line = {
  key: "2025/11/04/etna_20251104.png",
  size: 4711,
  sha256,
  modifiedMs: 0.5,
  backedUpAt: "2025-11-04T13:00:00.000Z",
};

test("the least that a manifest must have is enough", async () => {
  assert.equal((await parseManifest(sealed([head, line])))?.entries.length, 1);
});

for (const [what, lines] of Object.entries({
  "another version": [{ ...head, version: 2 }, line],
  "no sequence": [{ ...head, sequence: undefined }, line],
  "the sequence 0": [{ ...head, sequence: 0 }, line],
  "a time that doesn't exist": [{ ...head, at: "2025-13-04T13:00:00.000Z" }, line],
  "a time of a place": [{ ...head, at: "2025-11-04T13:00:00.000+01:00" }, line],
  "a recipient that is no text": [{ ...head, recipient: 1 }, line],
  "a previous one that is no digest": [{ ...head, previous: "abc" }, line],
  "removals that are no list": [{ ...head, removing: "all" }, line],
  "a removal that is no key": [{ ...head, removing: [1] }, line],
  "a line that is none": [head, null],
  "a line without a key": [head, { ...line, key: undefined }],
  "a key that is none of ours": [head, { ...line, key: "2025/11/04/../etna_20251104.png" }],
  "the key of an encrypted copy": [head, { ...line, key: `${line.key}.age` }],
  "half a byte": [head, { ...line, size: 0.5 }],
  "a negative size": [head, { ...line, size: -1 }],
  "a size as text": [head, { ...line, size: "4711" }],
  "a digest in capitals": [head, { ...line, sha256: sha256.toUpperCase() }],
  "a digest of the picture that is none": [head, { ...line, pngSha256: "" }],
  "a digest of a source's picture that is none": [head, { ...line, sourceOf: 1 }],
  "no time of the file": [head, { ...line, modifiedMs: undefined }],
  "a time of the file as text": [head, { ...line, modifiedMs: "0" }],
  "no time of the backup": [head, { ...line, backedUpAt: undefined }],
  "a copy that is none": [head, { ...line, stored: { size: 1 } }],
  "an empty copy": [head, { ...line, stored: null }],
  "a copy for no text": [head, { ...line, stored: { size: 1, sha256, recipient: 1 } }],
}))
  test(`a manifest with ${what} isn't whole`, async () => {
    assert.equal(await parseManifest(sealed(lines)), undefined);
  });
