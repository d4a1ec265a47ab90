/** The commands on a bucket: the same as on a folder. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "vitest";
import { openCommandLine } from "../support/command-line.ts";
import { hasS3, openS3Place } from "../support/s3.ts";
import { samplePng } from "../support/sample-plot.ts";

describe.skipIf(!hasS3)("on s3://", () => {
  test("archive keeps a picture, list names it, and get gives it back byte for byte", async () => {
    await using line = await openCommandLine();
    Object.assign(line.environment, (await openS3Place()).environment);
    const png = Buffer.from(samplePng("s3"));
    const file = join(line.folder, "plot.png");
    await writeFile(file, png);

    const kept = await line.run("archive", "--file", file, "--date", "2025-11-03", "--compress");
    assert.equal(kept.status, 0, kept.said);
    assert.match(kept.text, /^ARCHIVED 2025-11-03 .*2025\/11\/03\/etna_20251103\.png\.gz\n$/);
    const listed = await line.run("list", "--json");
    assert.equal(JSON.parse(listed.text)[0].date, "2025-11-03");
    assert.deepEqual((await line.run("get", "2025-11-03")).out, png);
    const cleaned = await line.run("cleanup", "--retention-days", "1", "--json");
    assert.deepEqual(JSON.parse(cleaned.text).dates, ["2025-11-03"]);
    assert.equal((await line.run("get", "2025-11-03")).status, 1);
  });

  for (const { name, change, says } of [
    {
      name: "a bucket that isn't there",
      change: { ARCHIVE_BASE_PATH: "s3://no-such-bucket/x" },
      says: /NoSuchBucket.*create the bucket/,
    },
    { name: "an unknown key", change: { AWS_ACCESS_KEY_ID: "unknown" }, says: /InvalidAccessKeyId.*AWS_ACCESS_KEY_ID/ },
    {
      name: "a wrong secret",
      change: { AWS_SECRET_ACCESS_KEY: "wrong" },
      says: /SignatureDoesNotMatch.*AWS_SECRET_ACCESS_KEY/,
    },
    {
      name: "a server that isn't there",
      change: { S3_ENDPOINT: "http://127.0.0.1:9" },
      says: /Cannot list the archive.*s3:.*\(connect ECONNREFUSED 127\.0\.0\.1:9\)/,
    },
  ])
    test(`${name} is said at the start, in one line`, async () => {
      await using line = await openCommandLine();
      Object.assign(line.environment, (await openS3Place()).environment, change);
      for (const command of [["list"], ["get", "2025-11-03"], ["serve"]]) {
        const { status, said } = await line.run(...command);
        assert.equal(status, 1);
        assert.match(said, says);
        assert.equal(said.split("\n").length, 1);
      }
    });
});
