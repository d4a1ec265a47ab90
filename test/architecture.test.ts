import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, test } from "vitest";

const source = fileURLToPath(new URL("../src", import.meta.url));

const STAGES = ["source", "archive", "digitizer", "series"];

/** The table of DESIGN.md: what the files of a room may import beside their own room. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  model: [],
  source: ["model"],
  archive: ["model"],
  digitizer: ["model"],
  series: ["model"],
  catalog: ["model", "series"],
  jobs: ["model", "catalog", ...STAGES],
  web: [],
  api: ["model", "catalog", "jobs", ...STAGES],
  "misspelt.ts": [],
  "setting-forms.ts": [],
  "config.ts": ["misspelt.ts", "model", "setting-forms.ts"],
  "log.ts": ["config.ts"],
  "places.ts": ["config.ts", ...STAGES],
  "open-store.ts": ["config.ts", ...STAGES],
  "open-target.ts": ["config.ts", "places.ts", "model", ...STAGES],
  "open-backup.ts": ["config.ts", "open-target.ts", "model", "jobs", ...STAGES],
  "app.ts": [
    "config.ts",
    "log.ts",
    "places.ts",
    "open-store.ts",
    "open-backup.ts",
    "model",
    "catalog",
    "jobs",
    "api",
    ...STAGES,
  ],
  commands: [
    "config.ts",
    "setting-forms.ts",
    "log.ts",
    "places.ts",
    "open-store.ts",
    "open-target.ts",
    "open-backup.ts",
    "app.ts",
    "model",
    "catalog",
    "jobs",
    "api",
    ...STAGES,
  ],
  "main.ts": ["commands"],
};

const FOR_BROWSERS = /^(preact|uplot)(\/|$)|^@graphql-typed-document-node\/core$/;

const files = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name))
  .sort();
const room = (name: string): string => name.split("/")[0] as string;

/** `import … from "x"`, `export … from "x"`, `import "x"`, `import("x")` and `new URL("x", import.meta.url)`. */
const IMPORTS =
  /(?:^|\n)\s*(?:import|export)\b[^"';]*?from\s*"([^"]+)"|(?:^|\n)\s*import\s*"([^"]+)"|import\(\s*"([^"]+)"|new URL\("([^"]+)", import\.meta\.url\)/g;

/** What a file imports: `path` from `src/` for our own files, the specifier as it stands for others. */
function importsOf(name: string): string[] {
  const text = readFileSync(join(source, name), "utf8");
  const specifiers = [...text.matchAll(IMPORTS)];
  return specifiers
    .map(([, ...found]) => found.find((specifier) => specifier !== undefined) as string)
    .map((path) => (path.startsWith(".") ? relative(source, resolve(source, dirname(name), path)) : path));
}

const ownImports = (name: string): string[] => importsOf(name).filter((path) => files.includes(path));

describe("the rooms of the house", () => {
  test("are all in the table", () =>
    assert.deepEqual(
      files.map(room).filter((name) => !(name in MAY_IMPORT)),
      [],
    ));

  for (const [name, allowed] of Object.entries(MAY_IMPORT))
    test(`${name} imports ${allowed.join(", ") || "nothing else of ours"}`, () => {
      const offending = files
        .filter((file) => room(file) === name)
        .flatMap((file) => ownImports(file).map((path) => ({ file, path })))
        .filter(({ path }) => room(path) !== name && !allowed.includes(room(path)))
        .map(({ file, path }) => `${file} imports ${path}`);
      assert.deepEqual(offending, []);
    });

  test("import each other in no circle", () => {
    const done = new Set<string>();
    const visit = (file: string, way: readonly string[]): void => {
      assert.ok(!way.includes(file), [...way.slice(way.indexOf(file)), file].join(" -> "));
      if (done.has(file)) return;
      for (const next of ownImports(file)) visit(next, [...way, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
  });

  test("give the page no package but Preact and uPlot", () => {
    const packages = new Set(files.filter((file) => room(file) === "web").flatMap(importsOf));
    const strangers = [...packages].filter((path) => !files.includes(path) && !FOR_BROWSERS.test(path));
    assert.deepEqual(strangers, []);
  });

  test("have no barrels and no utils", () =>
    assert.deepEqual(
      files.filter((name) => /(^|\/)(index\.tsx?|utils?(\.ts|\/))/.test(name)),
      [],
    ));

  test("import our own files by their whole name, so that Deno and Node run them as they are", () => {
    const wrong = files.flatMap((name) =>
      importsOf(name).filter((path) =>
        path.startsWith("..")
          ? !path.endsWith(".json")
          : /^[a-z]+\/[^@]*$/.test(path) && room(path) in MAY_IMPORT && !files.includes(path),
      ),
    );
    assert.deepEqual(wrong, []);
  });

  test("start by either of two files, as npx keeps the link that it once made", () => {
    const programs = ["start.js", "main.ts"].map((name) => join(source, name));
    assert.ok(programs.every((path) => (statSync(path).mode & 0o111) !== 0));
    const [first, second] = programs.map((path) => readFileSync(path, "utf8").split("\n", 1)[0]);
    assert.equal(first, second);
  });

  test("read the environment in one place", () => {
    const readers = files.filter((name) => readFileSync(join(source, name), "utf8").includes("process.env"));
    assert.deepEqual(readers, ["main.ts"]);
  });
});
