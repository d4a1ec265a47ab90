import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { describe, test } from "vitest";
import { eagerFileSystem } from "../../src/archive/eager-file-system.ts";
import { createFsStore, LOCK_NAME, type FsStoreOptions } from "../../src/archive/fs-store.ts";
import { nodeFileSystem, type FileSystem } from "../../src/archive/file-system.ts";
import { pictureKey, recordKey } from "../../src/archive/keys.ts";
import { Day, FIRST_DAY, LAST_DAY } from "../../src/model/day.ts";
import { StoreFailed } from "../../src/model/errors.ts";
import { scratchFolder } from "../support/scratch.ts";
import { describeStore } from "./store-contract.ts";

const day = Day.parse("2025-11-04");
const key = pictureKey(day, false);
const bytes = new Uint8Array(Buffer.from("a picture"));
const HOUR_MS = 3_600_000;

for (const [name, system] of [
  ["the file store", nodeFileSystem],
  ["the file store that reads eagerly", eagerFileSystem],
] as const)
  describeStore(name, async () => {
    const scratch = await scratchFolder();
    const open = () => createFsStore({ basePath: join(scratch.path, "data/archives"), fs: system });
    return { store: open(), another: open, [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose]() };
  });

/** A store in a scratch folder, and what it skipped. */
async function openStore(options: Partial<FsStoreOptions> = {}) {
  const scratch = await scratchFolder();
  const basePath = join(scratch.path, "archives");
  const skipped: string[] = [];
  const store = createFsStore({
    basePath,
    onSkipped: ({ key: at, reason }) => skipped.push(`${at}: ${reason}`),
    ...options,
  });
  const put = async (at: string, content = "foreign") => {
    await fs.mkdir(dirname(join(basePath, at)), { recursive: true });
    await fs.writeFile(join(basePath, at), content);
  };
  const names = async () => (await fs.readdir(basePath, { recursive: true })).sort();
  const list = async (from = FIRST_DAY, to = LAST_DAY) =>
    (await Array.fromAsync(store.list(from, to, "oldest-first"))).map((file) => file.key);
  return {
    store,
    basePath,
    outside: scratch.path,
    skipped,
    put,
    names,
    list,
    [Symbol.asyncDispose]: scratch[Symbol.asyncDispose],
  };
}

/** The real file system, but for some functions. */
const fileSystemWith = (others: Partial<FileSystem>): FileSystem => ({ ...nodeFileSystem, ...others });
const systemError = (code: string, errno: number) => Object.assign(new Error(`${code}: made up`), { code, errno });

describe("the file store writes", () => {
  test("files of 0644 in folders of 0755, and leaves nothing else", async () => {
    await using opened = await openStore();
    const umask = process.umask(0o022);
    try {
      await opened.store.write(key, bytes);
    } finally {
      process.umask(umask);
    }
    const modeOf = async (at: string) => ((await fs.stat(join(opened.basePath, at))).mode & 0o777).toString(8);
    assert.equal(await modeOf(key), "644");
    for (const folder of ["", "2025", "2025/11", "2025/11/04"]) assert.equal(await modeOf(folder), "755");
    assert.deepEqual(await opened.names(), ["2025", "2025/11", "2025/11/04", key]);
  });

  test("each file later than the day's others, though the clock stands still or was set back", async () => {
    let nowMs = Date.parse("2025-11-04T12:00:00Z");
    await using opened = await openStore({ clock: () => nowMs });
    const times: number[] = [];
    for (const setBackMs of [0, 0, 86_400_000, 0]) {
      nowMs -= setBackMs;
      times.push((await opened.store.write(key, bytes)).modifiedMs);
      times.push((await opened.store.write(recordKey(day), bytes)).modifiedMs);
    }
    assert.deepEqual(
      times,
      Array.from({ length: 8 }, (_, at) => Date.parse("2025-11-04T12:00:00Z") + at),
    );
    assert.equal((await opened.store.find(key))?.modifiedMs, times[6]);
  });

  test("to the disk, in this order: file, its name, its folder", async () => {
    const calls: string[] = [];
    let basePath = "";
    await using opened = await openStore({
      fs: fileSystemWith({
        async open(path, flags, mode) {
          const file = await nodeFileSystem.open(path, flags, mode);
          const name = relative(basePath, path).replace(/\.\d+\.[0-9a-f]+\.tmp$/, ".tmp");
          const sync = file.sync.bind(file);
          file.sync = async () => {
            calls.push(`sync ${name}`);
            await sync();
          };
          return file;
        },
        async rename(from, to) {
          calls.push(`rename to ${relative(basePath, to)}`);
          await nodeFileSystem.rename(from, to);
        },
      }),
    });
    basePath = opened.basePath;
    await opened.store.write(key, bytes);
    assert.deepEqual(calls.slice(-3), [
      "sync 2025/11/04/.etna_20251104.png.tmp",
      `rename to ${key}`,
      "sync 2025/11/04",
    ]);
    // The folders that had to be made are on the disk before the file is.
    assert.deepEqual(calls.slice(0, -3).toSorted(), ["sync ", "sync ..", "sync 2025", "sync 2025/11"]);
  });

  for (const { of, code, isKept } of [
    { of: "folders", code: "EINVAL", isKept: true },
    { of: "folders", code: "ENOTSUP", isKept: true },
    { of: "folders", code: "EIO", isKept: false },
    { of: "files", code: "EINVAL", isKept: false },
  ])
    test(`${isKept ? "where" : "nothing where"} the sync of ${of} ends with ${code}${isKept ? ", as on shares that know none" : ""}`, async () => {
      await using opened = await openStore({
        fs: fileSystemWith({
          async open(path, flags, mode) {
            const file = await nodeFileSystem.open(path, flags, mode);
            const isAsked = ((flags & fs.constants.O_DIRECTORY) !== 0) === (of === "folders");
            if (isAsked) file.sync = () => Promise.reject(systemError(code, -22));
            return file;
          },
        }),
      });
      const written = opened.store.write(key, bytes);
      if (!isKept) return await assert.rejects(written, { code: "STORE_FAILED", errno: code });
      await written;
      assert.deepEqual((await opened.store.read(key, 100))?.bytes, bytes);
      assert.equal(await opened.store.quarantine(key), `quarantine/${key}`);
    });

  test("in the place of a damaged file, which lies in quarantine as it was, also where no file can have two names", async () => {
    for (const link of [nodeFileSystem.link, () => Promise.reject(systemError("EPERM", -1))]) {
      await using opened = await openStore({ fs: fileSystemWith({ link }) });
      await opened.store.write(key, Buffer.from("damaged"));
      const aside = await opened.store.quarantine(key, true);
      await opened.store.write(key, bytes);
      assert.equal(await fs.readFile(join(opened.basePath, aside!), "utf8"), "damaged");
      assert.deepEqual(await fs.readFile(join(opened.basePath, key)), Buffer.from(bytes));
    }
  });

  test("in the place of a damaged file where the quarantine is another disk, which gets one copy of it with its time", async () => {
    const isInQuarantine = (path: string) => path.includes("/quarantine/");
    const refuseFrom =
      (call: (from: string, to: string) => Promise<void>) =>
      async (from: string, to: string): Promise<void> => {
        if (isInQuarantine(from) !== isInQuarantine(to)) throw systemError("EXDEV", -18);
        await call(from, to);
      };
    const { link, rename } = nodeFileSystem;
    await using opened = await openStore({
      fs: fileSystemWith({ link: refuseFrom(link), rename: refuseFrom(rename) }),
    });
    const { store, basePath } = opened;
    const { modifiedMs } = await store.write(key, Buffer.from("damaged"));
    for (const _try of [1, 2]) assert.equal(await store.quarantine(key, true), `quarantine/${key}`);
    assert.equal(await fs.readFile(join(basePath, key), "utf8"), "damaged", "until another one is written");
    await store.write(key, Buffer.from("damaged again"));
    assert.equal(await store.quarantine(key), `quarantine/${key}.1`);
    assert.equal(await store.find(key), undefined);
    assert.deepEqual(
      await Promise.all(["", ".1"].map((copy) => fs.readFile(join(basePath, `quarantine/${key}${copy}`), "utf8"))),
      ["damaged", "damaged again"],
    );
    assert.equal(Math.floor((await fs.stat(join(basePath, `quarantine/${key}`))).mtimeMs), modifiedMs);
    assert.deepEqual(
      (await opened.names()).filter((name) => name.includes("tmp")),
      [],
    );
  });

  for (const code of ["EACCES", "EPERM"])
    test(`where folders may not be removed (${code}), as those of another user, and removes and sweeps files there`, async () => {
      await using opened = await openStore({
        fs: fileSystemWith({ rmdir: () => Promise.reject(systemError(code, -13)) }),
      });
      await opened.store.write(key, bytes);
      assert.equal(await opened.store.remove(key), true);
      await opened.put("2025/11/04/.etna_20251104.png.1.0123456789ab.tmp");
      assert.equal(await opened.store.exclusively(() => opened.store.sweep(Date.now() + HOUR_MS)), 1);
      assert.deepEqual(await opened.list(), []);
    });

  test("through short writes", async () => {
    await using opened = await openStore({
      fs: fileSystemWith({
        async open(path, flags, mode) {
          const file = await nodeFileSystem.open(path, flags, mode);
          const write = file.write.bind(file);
          file.write = (buffer, at, length) => write(buffer, at, Math.min(length, 4));
          return file;
        },
      }),
    });
    await opened.store.write(key, bytes);
    assert.deepEqual((await opened.store.read(key, 100))?.bytes, bytes);
  });

  test("into a folder that another process has just pruned", async () => {
    let pruned = false;
    await using opened = await openStore({
      fs: fileSystemWith({
        async open(path, flags, mode) {
          if (!pruned && path.endsWith(".tmp")) {
            pruned = true;
            await fs.rmdir(dirname(path));
          }
          return await nodeFileSystem.open(path, flags, mode);
        },
      }),
    });
    await opened.store.write(key, bytes);
    assert.ok(pruned);
    assert.deepEqual(await opened.list(), [key]);
  });
});

describe("when writing fails, the old file stands", () => {
  const failing = (open: (file: Awaited<ReturnType<FileSystem["open"]>>) => void): Partial<FileSystem> => ({
    async open(path, flags, mode) {
      const file = await nodeFileSystem.open(path, flags, mode);
      if (path.endsWith(".tmp")) open(file);
      return file;
    },
  });
  const reject = (code: string, errno: number) => () => Promise.reject(systemError(code, errno));

  for (const { name, fault, errno, says } of [
    {
      name: "the disk is full",
      fault: failing((file) => (file.write = reject("ENOSPC", -28))),
      errno: "ENOSPC",
      says: "no space left on device (ENOSPC)",
    },
    {
      name: "a write fails",
      fault: failing((file) => (file.write = reject("EIO", -5))),
      errno: "EIO",
      says: "i/o error (EIO)",
    },
    {
      name: "nothing is taken",
      fault: failing((file) => (file.write = async () => ({ bytesWritten: 0 }))),
      errno: "EIO",
      says: "i/o error (EIO)",
    },
    {
      name: "the sync fails",
      fault: failing((file) => (file.sync = reject("EIO", -5))),
      errno: "EIO",
      says: "i/o error (EIO)",
    },
    {
      name: "the time can't be set",
      fault: failing((file) => (file.utimes = reject("EPERM", -1))),
      errno: "EPERM",
      says: "operation not permitted (EPERM)",
    },
    {
      name: "the disk is read-only",
      fault: {
        open: (path: string, flags: number, mode?: number) =>
          path.endsWith(".tmp") ? Promise.reject(systemError("EROFS", -30)) : nodeFileSystem.open(path, flags, mode),
      },
      errno: "EROFS",
      says: "read-only file system (EROFS)",
    },
    {
      name: "the rename is denied",
      fault: { rename: reject("EACCES", -13) },
      errno: "EACCES",
      says: "permission denied (EACCES)",
    },
  ])
    test(name, async () => {
      await using opened = await openStore();
      await opened.store.write(key, bytes);
      const before = await opened.names();
      const faulty = createFsStore({ basePath: opened.basePath, fs: fileSystemWith(fault) });
      await assert.rejects(faulty.write(key, new Uint8Array(9)), (error) => {
        assert.ok(error instanceof StoreFailed);
        assert.equal(error.message, `Cannot write ${key}: ${says}`);
        assert.equal(error.path, join(opened.basePath, key));
        assert.equal(error.errno, errno);
        return true;
      });
      assert.deepEqual((await opened.store.read(key, 100))?.bytes, bytes);
      assert.deepEqual(await opened.names(), before);
    });
});

describe("what isn't ours", () => {
  test("is skipped, told once, and hides nothing else", async () => {
    await using opened = await openStore();
    await opened.store.write(key, bytes);
    await opened.store.write(pictureKey(Day.parse("2025-02-03"), true), bytes);
    for (const foreign of [
      "README.txt",
      "20255/x",
      "2025/2/3/etna_20250203.png",
      "2025/13/40/etna_20251340.png",
      "2025/02/29/etna_20250229.png",
      "2025/02/03/etna_20250204.png",
      "2025/02/03/notes.txt",
      "2024", // a file where a folder could be
    ])
      await opened.put(foreign);
    await fs.mkdir(join(opened.basePath, "2025/11/05/etna_20251105.png"), { recursive: true });
    await fs.mkdir(join(opened.basePath, "2025/11/06"));
    await fs.symlink("nowhere", join(opened.basePath, "2025/11/06/etna_20251106.png"));
    await fs.symlink("04", join(opened.basePath, "2025/11/07"));
    await fs.symlink("2025", join(opened.basePath, "2023"));
    const expected = ["2025/02/03/etna_20250203.png.gz", key];
    assert.deepEqual(await opened.list(), expected);
    assert.deepEqual(opened.skipped.toSorted(), [
      "2023: not a folder",
      "2024: not a folder",
      "2025/02/03/etna_20250204.png: not a name of ours",
      "2025/02/03/notes.txt: not a name of ours",
      "2025/02/29: no such day",
      "2025/11/05/etna_20251105.png: not a regular file",
      "2025/11/06/etna_20251106.png: not a regular file",
      "2025/11/07: not a folder",
      "2025/13: not a name of ours",
      "2025/2: not a name of ours",
      "20255: not a name of ours",
      "README.txt: not a name of ours",
    ]);
    const told = opened.skipped.length;
    assert.deepEqual(await opened.list(), expected);
    assert.equal(opened.skipped.length, told);
  });

  test("that can't be read is skipped, too", async () => {
    const denied = (path: string) => path.endsWith("/2025/10") || path.endsWith("etna_20251105.png");
    const orDenied = <T>(path: string, work: () => Promise<T>) =>
      denied(path) ? Promise.reject(systemError("EACCES", -13)) : work();
    await using opened = await openStore({
      fs: fileSystemWith({
        readdir: (path, options) => orDenied(path, () => nodeFileSystem.readdir(path, options)),
        lstat: (path, options) => orDenied(path, () => nodeFileSystem.lstat(path, options)),
      }),
    });
    for (const file of [key, "2025/10/01/etna_20251001.png", "2025/11/05/etna_20251105.png"]) await opened.put(file);
    assert.deepEqual(await opened.list(), [key]);
    assert.deepEqual(opened.skipped, [
      "2025/10: Cannot use it: permission denied (EACCES)",
      "2025/11/05/etna_20251105.png: Cannot use it: permission denied (EACCES)",
    ]);
  });

  test("of the quarantine that can't be read is an error, and ends no program that lists it", async () => {
    const denied = (path: string) => /quarantine\/.*(04|05)$/.test(path);
    await using opened = await openStore({
      fs: fileSystemWith({
        readdir: (path, options) =>
          denied(path) ? Promise.reject(systemError("EACCES", -13)) : nodeFileSystem.readdir(path, options),
      }),
    });
    for (const date of ["2025/11/04/etna_20251104", "2025/11/05/etna_20251105", "2025/12/06/etna_20251206"])
      await opened.put(`quarantine/${date}.png`);
    await assert.rejects(Array.fromAsync(opened.store.listQuarantine()), (error) => {
      assert.ok(error instanceof StoreFailed);
      assert.match(error.message, /^Cannot list quarantine\/2025\/11\/04: .*EACCES/);
      return true;
    });
  });

  test("is never opened outside of the range", async () => {
    const read: string[] = [];
    let basePath = "";
    await using opened = await openStore({
      fs: fileSystemWith({
        readdir(path, options) {
          read.push(relative(basePath, path));
          return nodeFileSystem.readdir(path, options);
        },
      }),
    });
    basePath = opened.basePath;
    for (const some of ["2024-11-04", "2025-10-31", "2025-11-03", "2025-11-04", "2025-11-05", "2026-01-01"])
      await opened.store.write(pictureKey(Day.parse(some), false), bytes);
    await opened.list(day, day);
    assert.deepEqual(read, ["", "2025", "2025/11", "2025/11/04"]);
  });

  for (const { name, make } of [
    { name: "a link to a file", make: (at: string) => fs.symlink("../../../../precious", at) },
    { name: "a dangling link", make: (at: string) => fs.symlink("nowhere", at) },
    { name: "a folder", make: (at: string) => fs.mkdir(at) },
  ])
    test(`keeps its name: ${name} is neither read, replaced nor removed`, async () => {
      await using opened = await openStore();
      await fs.writeFile(join(opened.outside, "precious"), "precious");
      await opened.put("2025/11/04/keep");
      const at = join(opened.basePath, key);
      await make(at);
      const before = await fs.lstat(at);
      assert.equal(await opened.store.find(key), undefined);
      assert.equal(await opened.store.read(key, 100), undefined);
      assert.equal(await opened.store.remove(key), false);
      await assert.rejects(opened.store.write(key, bytes), {
        name: "Error",
        message: `Cannot write ${key}: its name is taken by something that isn't a regular file`,
      });
      assert.equal((await fs.lstat(at)).ino, before.ino);
      assert.equal(await fs.readFile(join(opened.outside, "precious"), "utf8"), "precious");
    });

  for (const folder of ["2025", "2025/11", "2025/11/04"])
    test(`isn't reached through a link at ${folder}`, async () => {
      await using opened = await openStore();
      const elsewhere = createFsStore({ basePath: join(opened.outside, "elsewhere") });
      await elsewhere.write(key, bytes);
      await fs.mkdir(join(opened.basePath, dirname(folder)), { recursive: true });
      await fs.symlink(join(opened.outside, "elsewhere", folder), join(opened.basePath, folder));
      assert.equal(await opened.store.find(key), undefined);
      assert.equal(await opened.store.read(key, 100), undefined);
      assert.equal(await opened.store.remove(key), false);
      await assert.rejects(opened.store.write(key, new Uint8Array(3)), StoreFailed);
      assert.deepEqual((await elsewhere.read(key, 100))?.bytes, bytes);
    });

  test("but the base itself may be a link", async () => {
    await using opened = await openStore();
    await fs.mkdir(join(opened.outside, "disk"));
    await fs.symlink("disk", join(opened.outside, "link"));
    const store = createFsStore({ basePath: join(opened.outside, "link") });
    await store.exclusively(() => store.write(key, bytes));
    assert.deepEqual((await store.read(key, 100))?.bytes, bytes);
  });
});

describe("the base", () => {
  test("isn't made by reading", async () => {
    await using opened = await openStore();
    await opened.list();
    await opened.store.find(key);
    await opened.store.freeBytes();
    await assert.rejects(fs.lstat(opened.basePath), { code: "ENOENT" });
  });

  test("that is a file fails each question in words", async () => {
    await using opened = await openStore();
    await fs.writeFile(opened.basePath, "");
    const says = /not a directory \(ENOTDIR\)|file already exists \(EEXIST\)/;
    for (const ask of [
      () => opened.store.checkWritable(),
      () => opened.list(),
      () => opened.store.write(key, bytes),
      () => opened.store.exclusively(async () => {}),
    ])
      await assert.rejects(ask(), (error) => error instanceof StoreFailed && says.test(error.message));
  });
});

describe("sweeping", () => {
  const nowMs = Date.now();
  async function age(path: string, hours: number) {
    await fs.utimes(path, (nowMs - hours * HOUR_MS) / 1000, (nowMs - hours * HOUR_MS) / 1000);
  }

  test("takes temporary files of an hour ago, ours and the old system's, and nothing else", async () => {
    await using opened = await openStore();
    await opened.store.exclusively(() => opened.store.write(key, bytes));
    const leftovers = ["2025/11/04/.etna_20251104.png.812.0a1b2c.tmp", "2025/11/03/archive_k2x.tmp"];
    const others = ["2025/11/04/notes.tmp", "archive_k2x.tmp", "2025/13/40/archive_k2x.tmp", "2025/11/02/.hidden"];
    const young = "2025/11/04/.etna_20251104.json.813.0a1b2c.tmp";
    for (const file of [...leftovers, ...others]) {
      await opened.put(file);
      await age(join(opened.basePath, file), 2);
    }
    await age(join(opened.basePath, key), 2);
    await opened.put(young);
    assert.equal(await opened.store.exclusively(() => opened.store.sweep(nowMs - HOUR_MS)), 2);
    const left = await opened.names();
    for (const file of leftovers) assert.ok(!left.includes(file), file);
    for (const file of [...others, young, key, LOCK_NAME]) assert.ok(left.includes(file), file);
  });

  test("takes the days that a stopped restore staged an hour ago, and no younger ones", async () => {
    await using opened = await openStore();
    await opened.store.write(key, bytes);
    const [old, young] = [".etna-archive.restoring.812.0a1b2c.tmp", ".etna-archive.restoring.813.0a1b2c.tmp"];
    for (const stage of [old, young]) {
      await opened.put(`${stage}/2024/12/31/etna_20241231.png`);
      await opened.put(`${stage}/2024/12/31/etna_20241231.json`);
    }
    await age(join(opened.basePath, old), 2);
    const found = await Array.fromAsync(opened.store.listOddities!());
    assert.deepEqual(found, [{ key: old, kind: "LEFTOVER", reason: "the days of a restore that was stopped" }]);
    assert.equal(await opened.store.exclusively(() => opened.store.sweep(nowMs - HOUR_MS)), 2);
    assert.deepEqual((await fs.readdir(opened.basePath)).toSorted(), [LOCK_NAME, young, "2025"].toSorted());
  });

  test("takes folders that have long been empty, up to the base", async () => {
    await using opened = await openStore();
    await opened.store.write(key, bytes);
    await fs.mkdir(join(opened.basePath, "2024/12/31"), { recursive: true });
    await fs.mkdir(join(opened.basePath, "2025/12/01"), { recursive: true });
    await fs.mkdir(join(opened.basePath, "2025/99"));
    for (const folder of ["2024/12/31", "2024/12", "2024", "2025/99"]) await age(join(opened.basePath, folder), 2);
    await opened.store.exclusively(() => opened.store.sweep(nowMs - HOUR_MS));
    assert.deepEqual((await fs.readdir(opened.basePath)).toSorted(), [LOCK_NAME, "2025"]);
    assert.deepEqual((await fs.readdir(join(opened.basePath, "2025"))).toSorted(), ["11", "12", "99"]);
  });
});

describe("removing the last file of a folder", () => {
  test("removes the folders that it leaves empty, and no other", async () => {
    await using opened = await openStore();
    await opened.store.write(key, bytes);
    await opened.store.write(pictureKey(Day.parse("2025-10-01"), false), bytes);
    await opened.store.remove(key);
    assert.deepEqual(await fs.readdir(join(opened.basePath, "2025")), ["10"]);
    await opened.put("2025/10/keep");
    await opened.store.remove("2025/10/01/etna_20251001.png");
    assert.deepEqual(await opened.names(), ["2025", "2025/10", "2025/10/keep"]);
  });
});
