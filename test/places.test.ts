/** Places that are told apart, or not, by their names: links to folders that aren't there yet, or no more. */
import assert from "node:assert/strict";
import { mkdir, realpath, rename, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "vitest";
import { parseConfig } from "../src/config.ts";
import { nameOfTree, overlap } from "../src/places.ts";
import { scratchFolder } from "./support/scratch.ts";

const nameOf = (path: string): string => nameOfTree(parseConfig({ ARCHIVE_BASE_PATH: path }));

describe("a folder has one name", () => {
  for (const { name, link, to, path } of [
    { name: "by itself", link: undefined, to: "", path: "disk/archives" },
    { name: "through a link", link: "archives", to: "disk/archives", path: "archives" },
    { name: "through a link that isn't absolute", link: "archives", to: "./disk/../disk/archives", path: "archives" },
    { name: "below a link", link: "data", to: "disk", path: "data/archives" },
  ])
    test(`${name}, whether its disk is mounted, and it is there`, async () => {
      await using scratch = await scratchFolder();
      const base = await realpath(scratch.path);
      const at = (place: string): string => join(base, place);
      if (link !== undefined) await symlink(to.startsWith(".") ? to : at(to), at(link));
      const names = [nameOf(at(path))];
      await mkdir(at("disk"));
      names.push(nameOf(at(path)));
      await mkdir(at("disk/archives"));
      names.push(nameOf(at(path)));
      await rename(at("disk"), at("away"));
      names.push(nameOf(at(path)));
      assert.deepEqual(new Set(names), new Set([at("disk/archives")]));
    });

  test("through a link that isn't absolute, below another one", async () => {
    await using scratch = await scratchFolder();
    const base = await realpath(scratch.path);
    await mkdir(join(base, "deep/down/disk"), { recursive: true });
    await symlink("deep/down", join(base, "short"));
    await symlink("../down/disk", join(base, "deep/down/archives"));
    const mounted = nameOf(join(base, "short/archives"));
    await rename(join(base, "deep/down/disk"), join(base, "away"));
    assert.deepEqual([mounted, nameOf(join(base, "short/archives"))], Array(2).fill(join(base, "deep/down/disk")));
  });

  test("also where links lead in a circle", async () => {
    await using scratch = await scratchFolder();
    const [one, other] = [join(scratch.path, "one"), join(scratch.path, "other")];
    await symlink(one, other);
    await symlink(other, one);
    assert.equal(nameOf(one), nameOf(one));
  });
});

test("a backup that isn't there yet lies in the archive, though a link to its folder hides that", async () => {
  await using scratch = await scratchFolder();
  await mkdir(join(scratch.path, "archives"));
  await symlink(join(scratch.path, "archives"), join(scratch.path, "elsewhere"));
  assert.ok(overlap(join(scratch.path, "archives"), join(scratch.path, "elsewhere/backup")));
  assert.ok(!overlap(join(scratch.path, "archives"), join(scratch.path, "backup")));
});
