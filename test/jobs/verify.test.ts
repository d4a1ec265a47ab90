/** What a verification finds, what it mends, and what it leaves and says. */
import assert from "node:assert/strict";
import {
  appendFile,
  cp,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, test } from "vitest";
import type { DayFiles } from "../../src/archive/archive.ts";
import type { Copies } from "../../src/archive/copies.ts";
import { createArchive } from "../../src/archive/create-archive.ts";
import { eagerFileSystem } from "../../src/archive/eager-file-system.ts";
import { nodeFileSystem } from "../../src/archive/file-system.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { formatRecord } from "../../src/archive/record-file.ts";
import { isDamage, type Finding, type FindingKind } from "../../src/archive/findings.ts";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { followTree } from "../../src/jobs/follow-tree.ts";
import { openGlanceThread } from "../../src/jobs/glance-thread.ts";
import { verifyTree } from "../../src/jobs/verify-tree.ts";
import type { Verified, VerifyOptions } from "../../src/jobs/verified.ts";
import { createVerifyJob, summarize } from "../../src/jobs/verify.ts";
import { ArchiveDamaged, StoreFailed } from "../../src/model/errors.ts";
import { addDays, Day } from "../../src/model/day.ts";
import { writeDays } from "../bench/many-days.ts";
import { folderCopies, openVerifiedTree, readingOf, type VerifiedTree } from "../support/verified-tree.ts";
import { samplePlot, samplePng } from "../support/sample-plot.ts";
import { scratchFolder } from "../support/scratch.ts";
import { systemError, watchedFileSystem } from "../support/watched-file-system.ts";

const FIRST = "2025/11/01/etna_20251101";
const SECOND = "2025/11/02/etna_20251102";
/** The third day's picture is gzipped. */
const THIRD = "2025/11/03/etna_20251103";

async function verify(tree: VerifiedTree, options?: VerifyOptions): Promise<Verified> {
  await using job = createVerifyJob(tree.parts);
  return (await job.verify("COMMAND", options)).verified;
}

const kindsOf = (findings: readonly Finding[]): FindingKind[] => findings.map(({ kind }) => kind);

async function flip(path: string, at: number, bit = 0): Promise<void> {
  const { atime, mtime } = await stat(path);
  const bytes = await readFile(path);
  bytes[at < 0 ? bytes.length + at : at]! ^= 1 << bit;
  await writeFile(path, bytes);
  await utimes(path, atime, mtime); // a disk that rots doesn't say so
}

const textOf = async (path: string): Promise<string> => (await readFile(path)).toString("base64");

describe("a whole archive", () => {
  test("is found to be whole, and counted", async () => {
    await using tree = await openVerifiedTree(4);
    const { findings, bytes, ...counts } = await verify(tree);
    assert.deepEqual(findings, []);
    assert.deepEqual(counts, { days: 4, pictures: 4, records: 4, damaged: 0, repaired: 0, repair: false });
    assert.ok(bytes > 100_000);
  });

  test("stays as it is under repair, to the byte and the microsecond", async () => {
    await using tree = await openVerifiedTree();
    const look = async () =>
      await Promise.all(
        [`${FIRST}.png`, `${FIRST}.json`, `${THIRD}.png.gz`].map(async (file) => {
          const path = join(tree.basePath, file);
          return [file, await textOf(path), (await stat(path, { bigint: true })).mtimeNs];
        }),
      );
    const before = await look();
    await verify(tree, { repair: true });
    assert.deepEqual(await look(), before);
  });
});

describe("a glance", () => {
  test("suffices for days whose files are whole, and whose rows are as they were made from them", async () => {
    await using tree = await openVerifiedTree(4);
    await rm(join(tree.basePath, `${FIRST}.png`)); // a record alone, as retention leaves it
    await followTree(tree.parts);
    const closely: string[] = [];
    const archive = {
      ...tree.archive,
      check: (files: DayFiles) => (closely.push(files.day), tree.archive.check(files)),
    };
    assert.deepEqual((await verifyTree({ ...tree.parts, archive }, {})).findings, []);
    assert.deepEqual(closely, []);
    await flip(join(tree.basePath, `${SECOND}.png`), 9000);
    assert.equal((await verifyTree({ ...tree.parts, archive }, {})).damaged, 1);
    assert.deepEqual(new Set(closely), new Set(["2025-11-02"]));
  });

  test("doubts a record without a seal, and what isn't the picture that the record names", async () => {
    await using tree = await openVerifiedTree(4);
    const at = (file: string) => join(tree.basePath, file);
    const record = await readFile(at(`${FIRST}.json`), "utf8");
    await writeFile(at(`${FIRST}.json`), record.replace(/"sha256":"[0-9a-f]{64}",/, ""));
    await cp(at("2025/11/04/etna_20251104.png"), at(`${SECOND}.png`));
    await flip(at(`${THIRD}.png.gz`), 5);
    const sound = [];
    for await (const files of tree.archive.survey()) if (await tree.archive.glance(files)) sound.push(files.day);
    assert.deepEqual(sound, ["2025-11-04"]);
  });
});

describe("glances at many days at once", () => {
  for (const [name, fs] of [
    ["that wait for the disk", nodeFileSystem],
    ["that keep their thread", eagerFileSystem],
  ] as const)
    test(`${name} don't mix up what they read`, async () => {
      await using tree = await openVerifiedTree(12);
      await flip(join(tree.basePath, `${SECOND}.png`), 9000);
      const archive = createArchive(createFsStore({ basePath: tree.basePath, fs }));
      const days = await Array.fromAsync(archive.survey());
      const sound = await Promise.all([...days, ...days].map(archive.glance));
      const doubted = [...days, ...days].filter((_, at) => sound[at] === undefined).map(({ day }) => day);
      assert.deepEqual(doubted, ["2025-11-02", "2025-11-02"]);
    });
});

describe("a thread beside the caller", () => {
  const first = Day.parse("2024-01-01");

  test("finds in many days what one thread alone finds", async () => {
    await using scratch = await scratchFolder();
    const basePath = join(scratch.path, "archives");
    await writeDays(basePath, first, 330, readingOf);
    using catalog = openCatalog(join(scratch.path, "catalog.sqlite"));
    const archive = createArchive(createFsStore({ basePath, fs: eagerFileSystem }));
    await using tree = await openVerifiedTree(1);
    const parts = { ...tree.parts, archive, catalog };
    await followTree(parts);
    for (const at of [0, 40, 200, 329]) {
      const day = addDays(first, at);
      await flip(join(basePath, day.replaceAll("-", "/"), `etna_${day.replaceAll("-", "")}.png`), 9000);
    }
    let threads = 0;
    const openThread = () => {
      threads++;
      return openGlanceThread(basePath, { processors: 2 });
    };
    const alone = await verifyTree(parts, {});
    const beside = await verifyTree({ ...parts, openThread }, {});
    assert.equal(threads, 1);
    assert.equal(alone.damaged, 4);
    assert.deepEqual(beside, alone);
  });

  test("isn't opened for few days, nor where there is but one processor", async () => {
    await using tree = await openVerifiedTree();
    const openThread = () => assert.fail("a thread was opened");
    assert.deepEqual((await verifyTree({ ...tree.parts, openThread }, {})).findings, []);
    assert.equal(openGlanceThread(tree.basePath, { processors: 1 }), undefined);
  });

  test("that is closed lets nobody wait", async () => {
    await using tree = await openVerifiedTree();
    const days = await Array.fromAsync(tree.archive.survey());
    const thread = openGlanceThread(tree.basePath, { processors: 2 })!;
    const waiting = assert.rejects(thread.glance(days), /Lost the thread/);
    await thread[Symbol.asyncDispose]();
    await waiting;
    await assert.rejects(thread.glance(days), /Lost the thread/);
  });
});

interface Harm {
  name: string;
  harm: (tree: VerifiedTree, at: (file: string) => string) => Promise<unknown>;
  finds: FindingKind[];
  /** Is it mended from a good copy, to the byte? */
  withCopy?: boolean;
  /** Without any copy? */
  alone?: boolean;
}

const harms: Harm[] = [
  {
    name: "a bit in a picture",
    harm: (_, at) => flip(at(`${FIRST}.png`), 9000, 3),
    finds: ["PICTURE_DAMAGED"],
    withCopy: true,
  },
  {
    name: "a picture cut off",
    harm: (_, at) => cutOff(at(`${FIRST}.png`)),
    finds: ["PICTURE_DAMAGED"],
    withCopy: true,
  },
  {
    name: "bytes behind the end of a picture, put there later",
    harm: (_, at) => appendFile(at(`${FIRST}.png`), "\n"),
    finds: ["PICTURE_DAMAGED"],
    withCopy: true,
  },
  {
    name: "a picture and a record that have become larger than any of ours",
    harm: async (_, at) => {
      await truncate(at(`${FIRST}.png`), 1e12);
      await truncate(at(`${FIRST}.json`), 1e12);
    },
    finds: ["PICTURE_DAMAGED", "RECORD_DAMAGED"],
    withCopy: true,
  },
  {
    name: "a bit within a gzip",
    harm: (_, at) => flip(at(`${THIRD}.png.gz`), 9000),
    finds: ["PICTURE_DAMAGED"],
    withCopy: true,
  },
  {
    name: "a bit of the time in a gzip's header",
    harm: (_, at) => flip(at(`${THIRD}.png.gz`), 5),
    finds: ["GZIP_DAMAGED"],
    withCopy: true,
    alone: true,
  },
  {
    name: "a number in a record",
    harm: (_, at) => flip(at(`${SECOND}.json`), 2000),
    finds: ["RECORD_DAMAGED"],
    withCopy: true,
    alone: true,
  },
  {
    name: "half a record",
    harm: (_, at) => cutOff(at(`${SECOND}.json`)),
    finds: ["RECORD_DAMAGED"],
    withCopy: true,
    alone: true,
  },
  {
    name: "a picture that is gone",
    harm: (_, at) => rm(at(`${SECOND}.png`)),
    finds: ["PICTURE_MISSING"],
    withCopy: true,
  },
  {
    name: "a record that is gone",
    harm: (_, at) => rm(at(`${SECOND}.json`)),
    finds: ["RECORD_MISSING"],
    alone: true,
  },
  {
    name: "a folder in a record's place",
    harm: async (_, at) => {
      await rm(at(`${SECOND}.json`));
      await mkdir(at(`${SECOND}.json`));
      await writeFile(at(`${SECOND}.json/mine.txt`), "mine");
    },
    finds: ["RECORD_DAMAGED"],
    withCopy: true,
    alone: true,
  },
  {
    name: "a link in a record's place",
    harm: async (tree, at) => {
      await rename(at(`${SECOND}.json`), join(tree.basePath, "../moved.json"));
      await symlink(join(tree.basePath, "../moved.json"), at(`${SECOND}.json`));
    },
    finds: ["RECORD_DAMAGED"],
    withCopy: true,
    alone: true,
  },
  {
    name: "a picture and its record at once",
    harm: async (_, at) => {
      await flip(at(`${FIRST}.png`), 9000);
      await flip(at(`${FIRST}.json`), 900);
    },
    finds: ["PICTURE_DAMAGED", "RECORD_DAMAGED"],
    withCopy: true,
  },
  {
    name: "all files of another day, copied over those of a day",
    harm: async (_, at) => {
      for (const kind of ["png", "json"])
        await cp(at(`${FIRST}.${kind}`), at(`${SECOND}.${kind}`), { preserveTimestamps: true });
    },
    finds: ["PICTURE_DAMAGED", "RECORD_DAMAGED"],
    withCopy: true,
  },
  {
    name: "an older record, put back later than its picture",
    harm: async (tree, at) => await writeFile(at(`${SECOND}.json`), await olderRecord(tree)),
    finds: ["PICTURE_DAMAGED"],
    withCopy: true,
  },
  {
    name: "an older record and a bit in the picture at once",
    harm: async (tree, at) => {
      await flip(at(`${SECOND}.png`), 9000);
      await writeFile(at(`${SECOND}.json`), await olderRecord(tree));
    },
    finds: ["PICTURE_DAMAGED"],
    withCopy: true,
  },
  {
    name: "a folder in the place of the oldest picture",
    harm: async (_, at) => {
      await rm(at(`${FIRST}.png`));
      await mkdir(at(`${FIRST}.png`));
    },
    finds: ["FOREIGN_FILE", "PICTURE_MISSING"],
    withCopy: true,
  },
];

/** As it was when the second day had a picture of six hours before. */
async function olderRecord({ archive, days }: VerifiedTree): Promise<Uint8Array> {
  const record = (await archive.findRecord(days[1]!))!;
  const source = { ...record.source!, fetchedMs: record.source!.fetchedMs - 6 * 3_600_000 };
  return formatRecord({ ...record, source, picture: { ...record.picture, sha256: "0".repeat(64) } });
}

async function cutOff(path: string): Promise<void> {
  const { atime, mtime } = await stat(path);
  const bytes = await readFile(path);
  await writeFile(path, bytes.subarray(0, bytes.length / 2));
  await utimes(path, atime, mtime);
}

describe("what was harmed", () => {
  for (const { name, harm, finds, withCopy = false, alone = false } of harms) {
    test(`${name}: is found, and left as it is unless repair is asked for`, async () => {
      await using tree = await openVerifiedTree();
      await harm(tree, (file) => join(tree.basePath, file));
      const { findings } = await verify(tree);
      assert.deepEqual(kindsOf(findings.filter(({ kind }) => kind !== "CATALOG_BEHIND")).sort(), finds);
      assert.ok(findings.every(({ repaired }) => !repaired));
      assert.deepEqual((await readdir(tree.basePath)).includes("quarantine"), false);
    });

    test(`${name}: ${alone ? "is mended without any copy" : "is left and said where there is no copy"}`, async () => {
      await using tree = await openVerifiedTree();
      await harm(tree, (file) => join(tree.basePath, file));
      const { findings } = await verify(tree, { repair: true });
      const concerned = findings.filter(({ kind }) => finds.includes(kind));
      assert.deepEqual(
        concerned.map(({ repaired }) => repaired),
        finds.map(() => alone),
        JSON.stringify(concerned),
      );
      if (alone) assert.deepEqual((await verify(tree)).findings, []);
    });

    if (withCopy)
      test(`${name}: is mended from a copy, byte for byte`, async () => {
        await using copy = await scratchFolder();
        await using tree = await openVerifiedTree(3, folderCopies(copy.path));
        await cp(tree.basePath, copy.path, { recursive: true, preserveTimestamps: true });
        await harm(tree, (file) => join(tree.basePath, file));
        const { damaged, repaired, findings } = await verify(tree, { repair: true });
        assert.ok(damaged > 0);
        assert.equal(repaired, damaged, JSON.stringify(findings));
        for (const file of [`${FIRST}.png`, `${FIRST}.json`, `${SECOND}.png`, `${SECOND}.json`, `${THIRD}.png.gz`])
          assert.equal(await textOf(join(tree.basePath, file)), await textOf(join(copy.path, file)), file);
        assert.deepEqual((await verify(tree)).findings, []);
      });
  }

  test("a damaged picture is never served, before repair and after it", async () => {
    await using tree = await openVerifiedTree();
    await flip(join(tree.basePath, `${FIRST}.png`), 9000);
    await assert.rejects(tree.archive.get(tree.days[0]!), ArchiveDamaged);
    await verify(tree, { repair: true });
    assert.equal(await tree.archive.find(tree.days[0]!), undefined);
  });

  test("a picture that is another day's, as the record beside it says, is never served", async () => {
    await using tree = await openVerifiedTree();
    for (const kind of ["png", "json"])
      await cp(join(tree.basePath, `${FIRST}.${kind}`), join(tree.basePath, `${SECOND}.${kind}`));
    await assert.rejects(
      tree.archive.get(tree.days[1]!),
      /the picture is that of 2025-11-01, as the record beside it says/,
    );
  });

  test("a picture that lies in quarantine isn't listed for readers any more", async () => {
    await using tree = await openVerifiedTree();
    await flip(join(tree.basePath, `${SECOND}.png`), 9000);
    await verify(tree, { repair: true });
    assert.equal(tree.catalog.findDay(tree.days[1]!), undefined);
    assert.deepEqual(kindsOf((await verify(tree)).findings), ["PICTURE_MISSING"]);
  });

  test("an older record, put back with its own time, makes way for its copy", async () => {
    await using copy = await scratchFolder();
    await using tree = await openVerifiedTree(3, folderCopies(copy.path));
    await cp(tree.basePath, copy.path, { recursive: true, preserveTimestamps: true });
    const path = join(tree.basePath, `${SECOND}.json`);
    await writeFile(path, await olderRecord(tree));
    await utimes(path, 1, 1);
    await followTree(tree.parts); // so that the catalog knows no more where the picture came from
    const parts = { ...tree.parts, archive: createArchive(createFsStore(tree), { copies: folderCopies(copy.path) }) };
    const { findings } = await verifyTree(parts, { repair: true });
    assert.deepEqual(
      findings.filter(({ day }) => day !== undefined).map(({ kind, repaired }) => [kind, repaired]),
      [["RECORD_BEHIND", true]],
    );
    assert.equal(await textOf(path), await textOf(join(copy.path, `${SECOND}.json`)));
  });

  test("what is put over a mended picture, with its time, is no newer plot of the day", async () => {
    await using copy = await scratchFolder();
    await using tree = await openVerifiedTree(3, folderCopies(copy.path));
    await cp(tree.basePath, copy.path, { recursive: true, preserveTimestamps: true });
    const path = join(tree.basePath, `${FIRST}.png`);
    await flip(path, 9000);
    assert.equal((await verify(tree, { repair: true })).repaired, 1);
    const { atime, mtime } = await stat(path);
    await writeFile(path, samplePng("another"));
    await utimes(path, atime, mtime);
    await assert.rejects(tree.archive.get(tree.days[0]!), ArchiveDamaged);
  });

  test("a damaged picture lies in quarantine as it was, and a second one beside it", async () => {
    await using tree = await openVerifiedTree();
    const path = join(tree.basePath, `${FIRST}.png`);
    const good = await readFile(path);
    const damaged: string[] = [];
    for (const at of [9000, 9001]) {
      await writeFile(path, good);
      await utimes(path, 1, 1);
      await flip(path, at);
      damaged.push(await textOf(path));
      await verify(tree, { repair: true });
    }
    const aside = join(tree.basePath, "quarantine", `${FIRST}.png`);
    assert.deepEqual([await textOf(aside), await textOf(`${aside}.1`)], damaged);
    const told = (await verify(tree)).findings.filter(isDamage);
    assert.deepEqual(kindsOf(told), ["PICTURE_MISSING"], "of the day, and of neither that lies there");
  });

  test("a copy that is damaged itself, or of another picture, is never put in its place", async () => {
    await using copy = await scratchFolder();
    await using tree = await openVerifiedTree(3, folderCopies(copy.path));
    await cp(tree.basePath, copy.path, { recursive: true });
    await flip(join(copy.path, `${FIRST}.png`), 12_000);
    await cp(join(tree.basePath, `${FIRST}.png`), join(copy.path, `${SECOND}.png`));
    await flip(join(tree.basePath, `${FIRST}.png`), 9000);
    await flip(join(tree.basePath, `${SECOND}.png`), 9000);
    const { damaged, repaired } = await verify(tree, { repair: true });
    assert.deepEqual([damaged, repaired], [2, 0]);
  });

  test("a record that is read again keeps where its picture came from", async () => {
    await using tree = await openVerifiedTree();
    const path = join(tree.basePath, `${SECOND}.json`);
    const before = await textOf(path);
    await flip(path, 2000);
    await verify(tree, { repair: true });
    assert.equal(await textOf(path), before);
  });
});

describe("what has the name of a file of ours and isn't one", () => {
  test("lies in quarantine as it was, once what should be there was brought back", async () => {
    await using copy = await scratchFolder();
    await using tree = await openVerifiedTree(3, folderCopies(copy.path));
    await cp(tree.basePath, copy.path, { recursive: true, preserveTimestamps: true });
    const at = (file: string) => join(tree.basePath, file);
    // A picture, a record, and a day of which nothing else is there.
    const places = [`${SECOND}.png`, `${FIRST}.json`, `${THIRD}.png.gz`, `${THIRD}.json`];
    for (const place of places) {
      await rm(at(place));
      await mkdir(at(place));
      await writeFile(at(`${place}/mine.txt`), place);
    }
    const { damaged, repaired, findings } = await verify(tree, { repair: true });
    assert.deepEqual([damaged, repaired], [3, 3], JSON.stringify(findings));
    assert.ok(findings.every(({ repaired }) => repaired));
    for (const { message } of findings.filter(isDamage)) assert.match(message, /lies in quarantine\//);
    for (const place of places) {
      assert.equal(await textOf(at(place)), await textOf(join(copy.path, place)));
      assert.equal(await readFile(at(`quarantine/${place}/mine.txt`), "utf8"), place);
    }
    assert.deepEqual((await verify(tree)).findings, []);
  });

  for (const { name, take } of [
    { name: "a file", take: (path: string) => writeFile(path, "mine") },
    { name: "a link to a folder", take: (path: string) => symlink("02", path) },
  ])
    test(`makes way where it has that of a day's folder: ${name}`, async () => {
      await using copy = await scratchFolder();
      await using tree = await openVerifiedTree(3, folderCopies(copy.path));
      await cp(tree.basePath, copy.path, { recursive: true, preserveTimestamps: true });
      const folder = join(tree.basePath, "2025/11/03");
      await rm(folder, { recursive: true });
      await take(folder);
      // A store trusts for a moment that what was a folder still is one.
      const parts = { ...tree.parts, archive: createArchive(createFsStore(tree)) };
      const { findings } = await verifyTree(parts, { repair: true });
      assert.deepEqual(
        findings.filter(({ kind }) => kind !== "CATALOG_BEHIND").map(({ kind, repaired }) => [kind, repaired]),
        [
          ["FOREIGN_FILE", true],
          ["DAY_LOST", true],
        ],
      );
      assert.match(findings.at(-1)!.message, /what had its name lies in quarantine\/2025\/11\/03\.1 now/);
      for (const kind of ["png.gz", "json"])
        assert.equal(
          await textOf(join(tree.basePath, `${THIRD}.${kind}`)),
          await textOf(join(copy.path, `${THIRD}.${kind}`)),
        );
      assert.deepEqual((await verify(tree)).findings, []);
    });

  test("leaves all as it is where it is the quarantine's, as a link that leads nowhere", async () => {
    await using tree = await openVerifiedTree();
    await symlink("nowhere", join(tree.basePath, "quarantine"));
    await flip(join(tree.basePath, `${FIRST}.png`), 9000);
    const { findings } = await verify(tree, { repair: true });
    const [found] = findings.filter(isDamage);
    assert.deepEqual([found?.kind, found?.repaired], ["PICTURE_DAMAGED", false]);
    assert.match(found!.message, /Cannot move 2025\/11\/01\/etna_20251101\.png to quarantine/);
    await stat(join(tree.basePath, `${FIRST}.png`));
  });

  test("is damage in a record's place, though no file of the day is left and nothing can be had again", async () => {
    await using tree = await openVerifiedTree();
    await rm(join(tree.basePath, "2025/11/03"), { recursive: true });
    await mkdir(join(tree.basePath, `${THIRD}.json`), { recursive: true });
    for (let time = 0; time < 2; time++) {
      const { findings } = await verify(tree, { repair: true });
      const [found, ...others] = findings.filter(isDamage);
      assert.deepEqual([found?.kind, found?.day, found?.repaired, others], ["RECORD_DAMAGED", "2025-11-03", false, []]);
      assert.match(found!.message, /its name is taken by .*; there is no copy of it, and no picture to read it from/);
    }
  });
});

describe("remarks", () => {
  for (const { name, make, finds, file } of [
    {
      name: "days of which there is no file",
      make: async (at: (file: string) => string) => rm(at("2025/11/02"), { recursive: true }),
      finds: "DAY_MISSING",
      file: undefined,
    },
    {
      name: "a day with two pictures",
      make: async (at: (file: string) => string) => {
        await writeFile(at(`${FIRST}.png.gz`), gzipSync(await readFile(at(`${FIRST}.png`))));
        await utimes(at(`${FIRST}.png.gz`), 1000, 1000);
      },
      finds: "TWO_PICTURES",
      file: `${FIRST}.png.gz`,
    },
    {
      name: "a foreign file",
      make: async (at: (file: string) => string) => writeFile(at("2025/11/notes.txt"), "mine"),
      finds: "FOREIGN_FILE",
      file: "2025/11/notes.txt",
    },
    {
      name: "a folder where a picture should be",
      make: async (at: (file: string) => string) => mkdir(at(`${THIRD}.png`)),
      finds: "FOREIGN_FILE",
      file: `${THIRD}.png`,
    },
  ] as const)
    test(`${name}: said, left as it is, and no damage`, async () => {
      await using tree = await openVerifiedTree();
      await make((path) => join(tree.basePath, path));
      const { findings, damaged } = await verify(tree, { repair: true });
      const found = findings.filter(({ kind }) => kind !== "CATALOG_BEHIND");
      assert.deepEqual([kindsOf(found), found[0]?.file, found[0]?.repaired, damaged], [[finds], file, false, 0]);
    });

  test("a temporary file: swept by repair once it is an hour old, and no finding before", async () => {
    await using tree = await openVerifiedTree();
    const file = "2025/11/01/.etna_20251101.png.123.abcdef.tmp";
    const path = join(tree.basePath, file);
    await writeFile(path, "half");
    assert.deepEqual((await verify(tree)).findings, []);
    await utimes(path, 1000, 1000);
    const [found, ...others] = (await verify(tree, { repair: true })).findings;
    assert.deepEqual([others.length, found?.kind, found?.file, found?.repaired], [0, "LEFTOVER", file, true]);
    await assert.rejects(stat(path), { code: "ENOENT" });
  });

  test("pictures that retention took are none: their records are the oldest", async () => {
    await using tree = await openVerifiedTree();
    await rm(join(tree.basePath, `${FIRST}.png`));
    assert.deepEqual(kindsOf((await verify(tree)).findings), ["CATALOG_BEHIND"]);
  });

  test("a picture newer than its record: read again", async () => {
    await using tree = await openVerifiedTree();
    await rename(join(tree.basePath, `${SECOND}.png`), join(tree.basePath, `${FIRST}.png`));
    const soon = Date.now() / 1000 + 5;
    await utimes(join(tree.basePath, `${FIRST}.png`), soon, soon);
    const { findings } = await verify(tree, { repair: true });
    const behind = findings.find(({ kind }) => kind === "RECORD_BEHIND");
    assert.deepEqual([behind?.day, behind?.repaired], ["2025-11-01", true]);
  });
});

describe("a day of which no file is left", () => {
  for (const { name, retentionDays, keepSeries, lost, pictures } of [
    { name: "is lost where a copy tells of it", retentionDays: -1, keepSeries: true, lost: ["01", "03", "05"] },
    {
      name: "is lost where retention takes its picture, and its record alone comes back",
      retentionDays: 3,
      keepSeries: true,
      lost: ["01", "03", "05"],
      pictures: ["03", "05"],
    },
    { name: "isn't where retention takes all of it", retentionDays: 3, keepSeries: false, lost: ["03", "05"] },
    {
      name: "isn't where a shorter retention may have taken it",
      retentionDays: 9,
      keepSeries: false,
      lost: ["03", "05"],
    },
  ])
    test(name, async () => {
      await using copy = await scratchFolder();
      await using tree = await openVerifiedTree(5, folderCopies(copy.path));
      await cp(tree.basePath, copy.path, { recursive: true, preserveTimestamps: true });
      for (const day of ["01", "03", "05"]) await rm(join(tree.basePath, "2025/11", day), { recursive: true });
      const clock = () => Date.parse("2025-11-05T12:00:00Z");
      // As it is beside a server, which follows the tree: the catalog has forgotten them.
      await followTree(tree.parts);
      const parts = { ...tree.parts, clock, policy: { retentionDays, keepSeries } };
      const { findings, damaged } = await verifyTree(parts, {});
      assert.deepEqual(
        [damaged, findings.filter(isDamage).map(({ kind, day }) => `${kind} ${day}`)],
        [lost.length, lost.map((day) => `DAY_LOST 2025-11-${day}`)],
      );
      assert.equal((await verifyTree(parts, { repair: true })).repaired, lost.length);
      assert.deepEqual((await verifyTree(parts, {})).findings.filter(isDamage), []);
      const back = lost.filter((day) => tree.catalog.findDay(Day.parse(`2025-11-${day}`))?.sha256 !== undefined);
      assert.deepEqual(back, pictures ?? lost);
      assert.ok(lost.every((day) => tree.catalog.findReading(Day.parse(`2025-11-${day}`)) !== undefined));
    });

  test("and whose copy of the picture is damaged, gets its record back, and is said to lack the rest", async () => {
    await using copy = await scratchFolder();
    await using tree = await openVerifiedTree(3, folderCopies(copy.path));
    await cp(tree.basePath, copy.path, { recursive: true, preserveTimestamps: true });
    await flip(join(copy.path, `${SECOND}.png`), 12_000);
    await rm(join(tree.basePath, "2025/11/02"), { recursive: true });
    const { findings } = await verify(tree, { repair: true });
    const lost = findings.find(({ kind }) => kind === "DAY_LOST");
    assert.deepEqual(
      [lost?.repaired, lost?.message],
      [false, "The day's picture is gone, and there is no good copy of it"],
    );
    assert.deepEqual(kindsOf((await verify(tree)).findings), ["PICTURE_MISSING"]);
  });

  test("is neither lost nor written over where the disk doesn't give its folder", async () => {
    await using copy = await scratchFolder();
    await using tree = await openVerifiedTree(3, folderCopies(copy.path));
    await cp(tree.basePath, copy.path, { recursive: true, preserveTimestamps: true });
    await tree.archive.save(tree.days[1]!, samplePlot("later", "2025-11-02T20:00:00Z"), {
      reading: readingOf(tree.days[1]!),
    });
    const later = await readFile(join(tree.basePath, `${SECOND}.png`));
    const fs = watchedFileSystem((name, path) => {
      if (name === "readdir" && String(path).endsWith("2025/11/02")) throw systemError("EIO");
    });
    const archive = createArchive(createFsStore({ basePath: tree.basePath, fs }));
    const { findings } = await verifyTree({ ...tree.parts, archive }, { repair: true });
    assert.deepEqual(kindsOf(findings.filter(isDamage)), ["UNREADABLE"]);
    const repairing = archive.repair(tree.days[1]!, { copies: folderCopies(copy.path), missing: "DAY" });
    await assert.rejects(repairing, StoreFailed);
    assert.deepEqual(await readFile(join(tree.basePath, `${SECOND}.png`)), later);
  });

  test("is a remark where the copies can't be asked, which is another", async () => {
    const down = { ...folderCopies(""), listKept: () => Promise.reject(new StoreFailed("Cannot list the backup")) };
    await using tree = await openVerifiedTree(3, down);
    await rm(join(tree.basePath, "2025/11/02"), { recursive: true });
    await followTree(tree.parts);
    const verified = await verify(tree);
    const { findings } = verified;
    assert.deepEqual(kindsOf(findings), ["BACKUP_UNAVAILABLE", "DAY_MISSING"]);
    assert.equal(summarize(verified).counts["unasked"], 1, "so that no alert of lost days is over");
    assert.equal(findings[0]!.message, "The backup can't be asked which days there should be: Cannot list the backup");
  });
});

describe("a day whose disk went back in time", () => {
  /** The copies have a later picture of the second day; what it was before lies in the archive. */
  async function goBack(tree: VerifiedTree, copy: string): Promise<Copies> {
    const [_, day] = tree.days;
    const before = await Promise.all(["png", "json"].map((kind) => readFile(join(tree.basePath, `${SECOND}.${kind}`))));
    const { archived, record } = await tree.archive.save(day!, samplePlot("later", `${day}T20:00:00Z`), {
      reading: readingOf(day!),
    });
    await cp(tree.basePath, copy, { recursive: true, preserveTimestamps: true });
    for (const [at, kind] of ["png", "json"].entries()) {
      await writeFile(join(tree.basePath, `${SECOND}.${kind}`), before[at]!);
      await utimes(join(tree.basePath, `${SECOND}.${kind}`), at + 1, at + 1);
    }
    const picture = { sha256: record.picture.sha256, modifiedMs: archived.modifiedMs };
    return {
      ...folderCopies(copy),
      listKept: async () => tree.days.map((one) => ({ day: one, ...(one === day && { picture }) })),
    };
  }

  for (const { name, follows, hasNewTimes = false } of [
    { name: "is found, and has its later picture and record again", follows: true },
    { name: "is found, and has its later picture and record again, before the catalog has followed", follows: false },
    { name: "is found where it was put back with new times", follows: true, hasNewTimes: true },
  ])
    test(name, async () => {
      await using copy = await scratchFolder();
      await using tree = await openVerifiedTree();
      const copies = await goBack(tree, copy.path);
      if (hasNewTimes)
        for (const kind of ["png", "json"]) await utimes(join(tree.basePath, `${SECOND}.${kind}`), 4e9, 4e9);
      if (follows) await followTree(tree.parts);
      const parts = { ...tree.parts, copies };
      const { findings } = await verifyTree(parts, {});
      assert.deepEqual(
        findings.filter(isDamage).map(({ kind, file }) => [kind, file]),
        [["DAY_BEHIND", `${SECOND}.png`]],
      );
      const { damaged, repaired } = await verifyTree(parts, { repair: true });
      assert.deepEqual([damaged, repaired], [1, 1]);
      for (const kind of ["png", "json"])
        assert.equal(
          await textOf(join(tree.basePath, `${SECOND}.${kind}`)),
          await textOf(join(copy.path, `${SECOND}.${kind}`)),
        );
      assert.ok((await readdir(join(tree.basePath, "quarantine/2025/11/02"))).includes("etna_20251102.png"));
      assert.deepEqual((await verifyTree(parts, {})).findings, []);
    });

  test("stays as it is where a clock was set back, and its plot is the one that was fetched later", async () => {
    await using copy = await scratchFolder();
    await using tree = await openVerifiedTree();
    const copies = await goBack(tree, copy.path);
    const [_, day] = tree.days;
    await tree.archive.save(day!, samplePlot("latest", `${day}T22:00:00Z`), { reading: readingOf(day!) });
    for (const [at, kind] of ["png", "json"].entries())
      await utimes(join(tree.basePath, `${SECOND}.${kind}`), at + 1, at + 1);
    const latest = await textOf(join(tree.basePath, `${SECOND}.png`));
    const { findings } = await verifyTree({ ...tree.parts, copies }, { repair: true });
    assert.deepEqual(findings.filter(isDamage), []);
    assert.equal(await textOf(join(tree.basePath, `${SECOND}.png`)), latest);
  });
});

describe("a picture that retention may have taken", () => {
  // Of five days, the first picture could not be read, and stayed; the two after it went.
  for (const { name, retentionDays, missed } of [
    { name: "isn't missed", retentionDays: 2, missed: [] },
    { name: "is missed as soon as it is to be kept", retentionDays: 3, missed: ["2025-11-03"] },
    { name: "is missed where all are to be kept", retentionDays: -1, missed: ["2025-11-02", "2025-11-03"] },
  ])
    test(name, async () => {
      await using tree = await openVerifiedTree(5);
      for (const file of [`${SECOND}.png`, `${THIRD}.png.gz`]) await rm(join(tree.basePath, file));
      await followTree(tree.parts);
      const clock = () => Date.parse("2025-11-05T12:00:00Z");
      const policy = { retentionDays, keepSeries: true };
      const { findings } = await verifyTree({ ...tree.parts, clock, policy }, {});
      assert.deepEqual(
        findings.map(({ kind, day }) => [kind, day]),
        missed.map((day) => ["PICTURE_MISSING", day]),
      );
    });
});

test("a day that hasn't come yet is remarked on, and none before it is missed", async () => {
  await using tree = await openVerifiedTree();
  await tree.archive.save(Day.parse("2031-10-20"), samplePlot(Day.parse("2025-11-05"), "2031-10-20T12:00:00Z"));
  await followTree(tree.parts);
  const clock = () => Date.parse("2025-11-04T12:00:00Z");
  const { findings } = await verifyTree({ ...tree.parts, clock }, {});
  assert.deepEqual(
    findings.filter(({ kind }) => kind.startsWith("DAY")).map(({ kind, day }) => [kind, day]),
    [["DAY_TO_COME", "2031-10-20"]],
  );
  assert.ok(!findings.some(isDamage));
});

test("a day that hasn't come yet isn't missed, though a damaged picture of it was put aside", async () => {
  await using tree = await openVerifiedTree();
  await cp(join(tree.basePath, `${FIRST}.png`), join(tree.basePath, "quarantine/2031/10/20/etna_20311020.png"));
  const clock = () => Date.parse("2025-11-04T12:00:00Z");
  assert.deepEqual((await verifyTree({ ...tree.parts, clock }, {})).findings, []);
});

describe("the catalog", () => {
  test("that says something else than the files is found, and made anew from them", async () => {
    await using tree = await openVerifiedTree();
    const [first, second] = tree.days as [(typeof tree.days)[0], (typeof tree.days)[0]];
    const reading = tree.catalog.findReading(first)!;
    const row = tree.catalog.findDay(second)!;
    const seen = tree.catalog.listSeen({ from: first, to: second });
    const samples = reading.samples.map((sample, at) => (at === 7 ? { ...sample, rmsMv: 9 } : sample));
    tree.catalog.putDay(first, tree.catalog.findDay(first), { ...reading, samples }, seen.get(first)!);
    tree.catalog.putDay(second, { ...row, size: row.size + 1 }, tree.catalog.findReading(second), seen.get(second)!);
    const found = (await verify(tree)).findings;
    assert.deepEqual(
      found.map(({ kind, day }) => [kind, day]),
      [
        ["CATALOG_DAMAGED", first],
        ["CATALOG_DAMAGED", second],
      ],
    );
    assert.equal((await verify(tree, { repair: true })).repaired, 2);
    assert.deepEqual((await verify(tree)).findings, []);
    assert.deepEqual(tree.catalog.findReading(first), reading);
  });

  for (const { column, edit } of [
    {
      column: "the amplitude of a sample",
      edit: "UPDATE readings SET samples = CAST(zeroblob(length(samples)) AS BLOB)",
    },
    { column: "a station", edit: "UPDATE days SET station = 'EMFS'" },
    { column: "a calibration", edit: "UPDATE readings SET calibration = replace(calibration, 'log', 'lin')" },
    { column: "a checksum of a picture", edit: "UPDATE days SET sha256 = replace(sha256, 'a', 'b')" },
    { column: "the checksum of its own rows", edit: "UPDATE seen SET seal = seal + 1" },
    { column: "that checksum to nothing", edit: "UPDATE seen SET seal = NULL" },
  ])
    test(`is found out where a hand has changed ${column}`, async () => {
      await using tree = await openVerifiedTree();
      const [first] = tree.days;
      await tree.reopenCatalog(async () => {
        using database = new DatabaseSync(tree.catalogPath);
        database.prepare(`${edit} WHERE day = ?`).run(first!);
      });
      const found = (await verify(tree)).findings;
      assert.deepEqual(
        found.map(({ kind, day }) => [kind, day]),
        [["CATALOG_DAMAGED", first]],
      );
      assert.equal((await verify(tree, { repair: true })).repaired, 1);
      assert.deepEqual((await verify(tree)).findings, []);
    });

  test("whose tremor record rots is found, and stitched anew", async () => {
    await using tree = await openVerifiedTree();
    const whole = { startMs: Date.parse("2025-10-01"), endMs: Date.parse("2025-12-01") };
    const { rmsMv } = tree.catalog.readTremor(whole);
    await tree.reopenCatalog(() => rotTremor(tree.catalogPath));
    const { findings } = await verify(tree);
    assert.deepEqual(kindsOf(findings), ["CATALOG_DAMAGED"]);
    assert.equal((await verify(tree, { repair: true })).repaired, 1);
    assert.deepEqual((await verify(tree)).findings, []);
    assert.deepEqual(tree.catalog.readTremor(whole).rmsMv, rmsMv);
  });

  for (const { name, day } of [
    { name: "a day long past", day: 19_362 },
    { name: "no day that has a name", day: 2 ** 41 },
    { name: "a day before all days", day: -(2 ** 30) },
  ])
    test(`of whose record a day's checksum has become that of ${name} is mended`, async () => {
      await using tree = await openVerifiedTree();
      await tree.reopenCatalog(async () => {
        using database = new DatabaseSync(tree.catalogPath);
        database.prepare("UPDATE tremor_seals SET day = ? WHERE day = (SELECT min(day) FROM tremor)").run(day);
      });
      assert.deepEqual(new Set(kindsOf((await verify(tree)).findings)), new Set(["CATALOG_DAMAGED"]));
      await verify(tree, { repair: true });
      assert.deepEqual((await verify(tree)).findings, []);
    });

  for (const { name, kind, spoil } of [
    {
      name: "that says something else than the files",
      kind: "CATALOG_DAMAGED",
      async spoil({ catalog, days: [first] }: VerifiedTree) {
        const reading = catalog.findReading(first!)!;
        const seen = catalog.listSeen({ from: first!, to: first! });
        catalog.putDay(first!, catalog.findDay(first!), { ...reading, samples: [] }, seen.get(first!));
      },
    },
    {
      name: "that is behind the tree",
      kind: "CATALOG_BEHIND",
      async spoil({ basePath }: VerifiedTree) {
        const later = Date.now() / 1000 + 5;
        await utimes(join(basePath, `${FIRST}.json`), later, later);
      },
    },
  ])
    test(`${name} isn't called mended where the disk doesn't give just then what would mend it`, async () => {
      await using tree = await openVerifiedTree();
      await spoil(tree);
      const archive = { ...tree.archive, findRecord: () => Promise.reject(new StoreFailed("Cannot read it: EIO")) };
      const { findings, repaired } = await verifyTree({ ...tree.parts, archive }, { repair: true });
      assert.deepEqual(
        findings.map((finding) => [finding.kind, finding.repaired]),
        [[kind, false]],
      );
      assert.equal(repaired, 0);
      await followTree(tree.parts);
      assert.deepEqual((await verify(tree)).findings, []);
    });

  test("that hasn't followed the tree yet is behind it, and follows it", async () => {
    await using tree = await openVerifiedTree();
    const later = Date.now() / 1000 + 5;
    await utimes(join(tree.basePath, `${SECOND}.json`), later, later);
    assert.deepEqual(kindsOf((await verify(tree)).findings), ["CATALOG_BEHIND"]);
    assert.ok((await verify(tree, { repair: true })).findings[0]?.repaired);
    assert.deepEqual((await verify(tree)).findings, []);
  });
});

async function rotTremor(path: string): Promise<void> {
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(path);
  const { day, samples } = database.prepare("SELECT day, samples FROM tremor LIMIT 1").get() as {
    day: number;
    samples: Uint8Array;
  };
  samples[41]! ^= 1;
  database.prepare("UPDATE tremor SET samples = ? WHERE day = ?").run(samples, day);
  database.close();
}

describe("the job", () => {
  test("writes what it found into the history", async () => {
    await using tree = await openVerifiedTree();
    await flip(join(tree.basePath, `${FIRST}.png`), 9000);
    await using job = createVerifyJob(tree.parts);
    const { run } = await job.verify("ADMIN");
    assert.equal(run.outcome, "PROBLEMS");
    assert.equal(run.summary, "Found 1 damaged: 3 pictures and 3 records of 3 days; 0 remarks");
    assert.deepEqual(tree.catalog.findMaintenance(run.id), run);
    assert.deepEqual([run.counts["damaged"], run.counts["pictures"]], [1, 3]);
  });

  test("joins a verification that is under way, and waits for one that repairs", async () => {
    await using tree = await openVerifiedTree();
    await using job = createVerifyJob(tree.parts);
    const [first, joined, repair] = [job.verify("ADMIN"), job.verify("COMMAND"), job.verify("ADMIN", { repair: true })];
    assert.equal((await joined).run.id, (await first).run.id);
    const { run } = await repair;
    assert.ok(run.id > (await first).run.id && run.startedMs >= (await first).run.endedMs!);
  });

  test("can be stopped between two days", async () => {
    await using tree = await openVerifiedTree(12);
    await using job = createVerifyJob(tree.parts);
    const stopping = new AbortController();
    const stopped = job.verify("COMMAND", {
      bytesPerSecond: 1e9,
      signal: stopping.signal,
      onProgress: (done) => done === 3 && stopping.abort(new Error("enough")),
    });
    await assert.rejects(stopped, /enough/);
    assert.equal(tree.catalog.listMaintenance({ limit: 1 })[0]?.outcome, "FAILED");
  });

  test("that fails looks at no day any more but those that it is at", async () => {
    await using tree = await openVerifiedTree(40);
    let looked = 0;
    const archive = {
      ...tree.archive,
      glance: (files: DayFiles) => (looked++, tree.archive.glance(files)),
      listOddities() {
        throw new StoreFailed("the disk is away");
      },
    };
    await assert.rejects(verifyTree({ ...tree.parts, archive }, {}), /the disk is away/);
    assert.ok(looked < 20, `${looked} of 40 days`);
  });

  test("that is stopped looks at no day any more that a thread was handed, either", async () => {
    await using tree = await openVerifiedTree(40);
    const { totals } = tree.catalog;
    const catalog = { ...tree.catalog, totals: () => ({ ...totals.call(tree.catalog), archives: 3000 }) };
    const stopping = new AbortController();
    let looked = 0;
    const archive = {
      ...tree.archive,
      async glance() {
        return undefined;
      },
      async check(files: DayFiles) {
        if (++looked === 10) stopping.abort(new Error("stopped"));
        return await tree.archive.check(files);
      },
    };
    const handed: DayFiles[][] = [];
    const openThread = () => ({
      async glance(days: readonly DayFiles[]) {
        handed.push([...days]);
        // The second lot is never answered: its thread is ended, and waited for by nobody.
        return await (handed.length === 2 ? new Promise<never>(() => {}) : days.map(() => undefined));
      },
      async [Symbol.asyncDispose]() {},
    });
    const verifying = verifyTree({ ...tree.parts, catalog, archive, openThread }, { signal: stopping.signal });
    await assert.rejects(verifying, /stopped/);
    assert.ok(handed.length > 1 && looked < 20, `${looked} of 40 days`);
  });

  test("looks at the archive of the old system, which has no records", async () => {
    await using tree = await openVerifiedTree();
    for (const file of [FIRST, SECOND, THIRD]) await rm(join(tree.basePath, `${file}.json`));
    const old = join(tree.basePath, `${THIRD}.png.gz`);
    await writeFile(old, gzipSync(gunzipSync(await readFile(old)), { level: 9 }));
    const { findings, damaged } = await verify(tree);
    assert.deepEqual([kindsOf(findings).filter((kind) => kind === "RECORD_MISSING").length, damaged], [3, 0]);
  });
});
