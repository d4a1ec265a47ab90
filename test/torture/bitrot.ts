/** Bits that flip on the disk: each is found, none is served as good, and all are mended from a copy, byte for byte. */
import assert from "node:assert/strict";
import { cp, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isDamage } from "../../src/archive/findings.ts";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { verifyTree } from "../../src/jobs/verify-tree.ts";
import { KnownError } from "../../src/model/errors.ts";
import { folderCopies, openVerifiedTree, type VerifiedTree } from "../support/verified-tree.ts";
import { scratchFolder } from "../support/scratch.ts";

/** Days of the tree, in each of which one file is flipped at a time. */
const DAYS = 60;

type Harm = (base: string, file: string, files: readonly string[]) => Promise<string>;

/** One random bit in each of so many random files of an archive, or other harm. */
export async function bitrotInFiles({
  flips,
  harm = (base, file) => flipRandomBit(join(base, file)),
}: {
  flips: number;
  harm?: Harm;
}) {
  await using copy = await scratchFolder();
  await using tree = await openVerifiedTree(DAYS, folderCopies(copy.path));
  await cp(tree.basePath, copy.path, { recursive: true, preserveTimestamps: true });
  const files = (await readdir(tree.basePath, { recursive: true })).filter((name) => /etna_\d+\.[a-z.]+$/.test(name));
  const told = { pictures: 0, gzips: 0, records: 0 };
  for (let left = flips; left > 0; left -= DAYS) {
    const flipped = tree.days.slice(0, left).map((day) => pick(files.filter((file) => file.startsWith(folderOf(day)))));
    const wheres = new Map<string, string>();
    for (const file of flipped) wheres.set(file, await harm(tree.basePath, file, files));
    for (const file of flipped) {
      await assertNotServed(tree, file, copy.path);
      told[file.endsWith(".json") ? "records" : file.endsWith(".gz") ? "gzips" : "pictures"]++;
    }
    const found = new Set((await verifyTree(tree.parts, {})).findings.filter(isDamage).map(({ file }) => file));
    assert.deepEqual(
      [...wheres].filter(([file]) => !found.has(file)),
      [],
      "not found",
    );
    assert.equal(found.size, flipped.length, "found what wasn't flipped");
    const { damaged, repaired, findings } = await verifyTree(tree.parts, { repair: true });
    assert.deepEqual([damaged, repaired], [flipped.length, flipped.length], JSON.stringify(findings.slice(0, 5)));
    for (const file of flipped) {
      const [now, good] = await Promise.all([tree.basePath, copy.path].map((base) => readFile(join(base, file))));
      assert.ok(now!.equals(good!), `${file} isn't what it was`);
    }
    assert.deepEqual((await verifyTree(tree.parts, {})).findings, []);
  }
  return { flips, ...told, found: flips, repaired: flips };
}

/**
 * One random bit of the catalog's file, so many times. What a flip changes of what the catalog says is found, by
 * opening it or by the verification; a flip in room that SQLite doesn't use changes nothing that is said.
 */
export async function bitrotInCatalog({ flips }: { flips: number }) {
  await using tree = await openVerifiedTree(12);
  await tree.reopenCatalog(async () => fold(tree.catalogPath));
  const good = await readFile(tree.catalogPath);
  const told = tell(tree.catalogPath);
  const counts = { flips, foundAtOpening: 0, foundByVerify: 0, inUnusedRoom: 0 };
  for (let flip = 0; flip < flips; flip++) {
    let where = "";
    await tree.reopenCatalog(async () => {
      fold(tree.catalogPath);
      await writeFile(tree.catalogPath, good);
      where = await flipRandomBit(tree.catalogPath);
    });
    const isSame = tell(tree.catalogPath) === told;
    const { findings } = await verifyTree(tree.parts, {});
    const kinds = new Set(findings.map(({ kind }) => kind));
    if (kinds.has("CATALOG_DAMAGED")) counts.foundByVerify++;
    else if (kinds.has("CATALOG_BEHIND")) counts.foundAtOpening++;
    else {
      assert.ok(isSame, `${where} of the catalog changed what it says, and nobody noticed`);
      counts.inUnusedRoom++;
      continue;
    }
    await verifyTree(tree.parts, { repair: true });
    if (tell(tree.catalogPath) !== told) {
      // Whatever was wrong with it beyond mending in place is gone with its file.
      await tree.reopenCatalog();
      await verifyTree(tree.parts, { repair: true });
    }
    assert.deepEqual((await verifyTree(tree.parts, {})).findings, [], where);
    assert.equal(tell(tree.catalogPath), told, `${where}: it doesn't say again what it said`);
  }
  return counts;
}

/** All that the archive can tell again, as text. */
function tell(path: string): string {
  try {
    using database = opened(path);
    return ["days", "readings", "seen", "tremor", "set_aside", "misfiled", "unstitched"]
      .map((table) =>
        JSON.stringify(database.prepare(`SELECT * FROM ${table} ORDER BY 1`).all(), (_key, value: unknown) =>
          value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value,
        ),
      )
      .join("\n");
  } catch (error) {
    return `unreadable: ${String(error)}`;
  }
}

function opened(path: string): DatabaseSync & Disposable {
  const database = new DatabaseSync(path);
  return Object.assign(database, { [Symbol.dispose]: () => database.close() });
}

/** Brings all into the one file. */
function fold(path: string): void {
  try {
    openCatalog(path)[Symbol.dispose]();
  } catch {
    // it is about to be written over
  }
}

async function flipRandomBit(path: string): Promise<string> {
  const { atime, mtime } = await stat(path);
  const bytes = await readFile(path);
  const bit = Math.floor(Math.random() * bytes.length * 8);
  bytes[bit >> 3]! ^= 1 << (bit & 7);
  await writeFile(path, bytes);
  await utimes(path, atime, mtime); // a disk that rots doesn't say so
  return `bit ${bit & 7} of byte ${bit >> 3}`;
}

/** What is read of the day is what it was, or an error. */
async function assertNotServed(tree: VerifiedTree, file: string, goodBase: string): Promise<void> {
  const day = tree.days.find((some) => file.startsWith(folderOf(some)))!;
  const { archive } = tree;
  const good = folderCopies(goodBase);
  const record = await unlessKnown(archive.findRecord(day));
  if (record !== undefined) {
    const kept = JSON.parse(Buffer.from((await good.findCopy(`${file.slice(0, 24)}.json`, 1e9))!).toString());
    assert.equal(record.picture.sha256, kept.picture.sha256);
    assert.equal(record.reading?.samples[17]?.rmsMv, kept.reading.samples[0].rmsMv[17]);
    const plot = await unlessKnown(archive.get(day));
    if (plot !== undefined) assert.equal(plot.sha256, record.picture.sha256, "another picture was served");
  }
}

async function unlessKnown<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof KnownError) return undefined;
    throw error;
  }
}

const folderOf = (day: string): string => day.replaceAll("-", "/");

function pick<T>(from: readonly T[]): T {
  return from[Math.floor(Math.random() * from.length)]!;
}
