/** An archive, its backup, and what is restored or imported from either: in a folder or in a bucket, in all pairs. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { describe, test } from "vitest";
import { openCommandLine, type CommandLine } from "../support/command-line.ts";
import { hasS3, openS3Place } from "../support/s3.ts";
import { clientOf, type S3Place } from "../support/s3-place.ts";
import { samplePng } from "../support/sample-plot.ts";

interface Place {
  name: string;
  read(key: string): Promise<Buffer>;
  write(key: string, bytes: Uint8Array): Promise<void>;
}

function folderIn(line: CommandLine): Place {
  const name = join(line.folder, randomUUID());
  return {
    name,
    read: (key) => readFile(join(name, key)),
    async write(key, bytes) {
      await mkdir(dirname(join(name, key)), { recursive: true });
      await writeFile(join(name, key), bytes);
    },
  };
}

function prefixIn({ bucket, prefix, settings, endpoints }: S3Place): Place {
  const client = clientOf({ endpoints, ...settings.credentials });
  const base = `${prefix}/${randomUUID()}`;
  const of = (key: string) => ({ Bucket: bucket, Key: `${base}/${key}` });
  return {
    name: `s3://${bucket}/${base}`,
    async read(key) {
      const { Body } = await client.send(new GetObjectCommand(of(key)));
      return Buffer.from(await Body!.transformToByteArray());
    },
    async write(key, bytes) {
      await client.send(new PutObjectCommand({ ...of(key), Body: bytes }));
    },
  };
}

const DAYS = ["2025-11-02", "2025-11-03"];
const pngOf = (day: string): Buffer => Buffer.from(samplePng(day));
const keyOf = (day: string): string => `${day.replaceAll("-", "/")}/etna_${day.replaceAll("-", "")}.png`;

describe.skipIf(!hasS3)("between a folder and a bucket", () => {
  const kinds = ["folder", "bucket"] as const;
  for (const archiveKind of kinds)
    for (const otherKind of kinds)
      test(`import, backup, restore, verify and its repair work with the archive in a ${archiveKind} and the other in a ${otherKind}`, async () => {
        await using line = await openCommandLine();
        const s3 = await openS3Place();
        Object.assign(line.environment, s3.environment, { ARCHIVE_RETENTION_DAYS: "-1" });
        const open = (kind: (typeof kinds)[number]): Place => (kind === "folder" ? folderIn(line) : prefixIn(s3));
        const ok = async (...args: string[]): Promise<string> => {
          const { status, said, text } = await line.run(...args);
          assert.equal(status, 0, `${args.join(" ")}: ${said}${text}`);
          return said;
        };
        const use = (archive: Place): void => {
          line.environment["ARCHIVE_BASE_PATH"] = archive.name;
        };
        const showsAll = async (): Promise<void> => {
          for (const day of DAYS) assert.deepEqual((await line.run("get", day)).out, pngOf(day));
          assert.match(await ok("verify"), /All is whole: 2 pictures and 2 records of 2 days/);
        };

        const [archive, loose, backup, restored] = [
          open(archiveKind),
          open(otherKind),
          open(otherKind),
          open(archiveKind),
        ];
        for (const day of DAYS) await loose.write(keyOf(day), pngOf(day));
        await loose.write("etna_20251302.png", pngOf("no such day"));
        use(archive);
        const imported = await line.run("import", loose.name);
        assert.equal(imported.status, 1);
        assert.match(imported.said, /^refused etna_20251302\.png: .*\n2 imported, 0 unchanged, 1 refused$/m);
        await showsAll();

        line.environment["BACKUP_TO"] = backup.name;
        assert.match(await ok("backup"), /4 files/);
        await ok("backup", "--check");
        assert.deepEqual(await backup.read(keyOf(DAYS[0]!)), await archive.read(keyOf(DAYS[0]!)), "under the same key");

        const damaged = pngOf(DAYS[0]!);
        damaged[damaged.length >> 1]! ^= 16;
        await archive.write(keyOf(DAYS[0]!), damaged);
        assert.equal((await line.run("verify")).status, 1);
        await ok("verify", "--repair");
        await showsAll();
        assert.deepEqual(await archive.read(`quarantine/${keyOf(DAYS[0]!)}`), damaged);

        use(restored);
        assert.match(await ok("restore"), /2 days restored \(4 files/);
        await showsAll();
      });

  test("import says in one line that a bucket isn't there", async () => {
    await using line = await openCommandLine();
    const { environment } = await openS3Place();
    Object.assign(line.environment, environment, { ARCHIVE_BASE_PATH: join(line.folder, "archives") });
    const { status, said } = await line.run("import", "s3://no-such-bucket/x");
    assert.equal(status, 1);
    assert.match(said, /^etna-archive: Cannot use s3:\/\/no-such-bucket: NoSuchBucket.*$/);
  });
});
