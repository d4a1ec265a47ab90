/** README says what is so: its tables name all that there is, and its lines for researchers run as they stand there. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { matchesGlob } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, test } from "vitest";
import packageJson from "../package.json" with { type: "json" };
import { startApi, type ApiServer } from "./support/api-server.ts";
import { scratchFolder } from "./support/scratch.ts";
import { plotOf, putPlots } from "./support/tremor.ts";

const run = promisify(execFile);
const readme = new URL("../README.md", import.meta.url);

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
  // Two weeks of 2025 with a week between them that no plot shows; one sample is clipped.
  const isTop = (timeMs: number): boolean => timeMs === Date.parse("2025-03-05T12:00:00Z");
  putPlots(api.catalog, ...["2025-03-07", "2025-03-21"].map((day) => plotOf(day, (ms) => (isTop(ms) ? 12 : 0.5))));
});
afterAll(() => api[Symbol.asyncDispose]());

/** The lines in a language, of this server, without those that need more than the language's own table reader. */
async function snippet(language: string): Promise<string> {
  const [, lines] = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s").exec(await readFile(readme, "utf8"))!;
  return lines!
    .replaceAll("http://127.0.0.1:5000", api.url)
    .split("\n")
    .filter((line) => !line.includes("needs matplotlib"))
    .join("\n");
}

async function findProgram(names: readonly string[], check: readonly string[]): Promise<string | undefined> {
  for (const name of names)
    if (
      await run(name, [...check])
        .then(() => true)
        .catch(() => false)
    )
      return name;
  return undefined;
}

const HOURS = { shown: 2 * 168, missing: 168 };

describe("README's lines for", () => {
  test("Python read the record with its gaps and its clipped hour", async ({ skip }) => {
    const python = await findProgram(["python3", "/usr/bin/python3"], ["-c", "import pandas"]);
    if (python === undefined) return skip("there is no Python with pandas");
    const told = `
print(len(tremor), tremor["value"].isna().sum(), (tremor.clipped == 1).sum(), tremor["max"].max(), tremor.index.dtype)
print(len(same), same.timestamp.dtype, same["value"].dtype)`;
    const { stdout } = await run(python, ["-W", "error", "-c", (await snippet("python")) + told]);
    assert.deepEqual(stdout.trim().split("\n"), [
      `${HOURS.shown + HOURS.missing} ${HOURS.missing} 1 10.0 datetime64[ns, UTC]`,
      `${HOURS.shown} datetime64[ns, UTC] float64`,
    ]);
  });

  test("R read the record with its gaps", async ({ skip }) => {
    const rscript = await findProgram(["Rscript"], ["-e", "1"]);
    if (rscript === undefined) return skip("there is no R");
    const told = `
cat(nrow(tremor), sum(is.na(tremor$value)), max(tremor$max, na.rm = TRUE), class(tremor$timestamp)[1], "\\n")
cat(nrow(geocsv), class(geocsv$value), "\\n")`;
    await using folder = await scratchFolder();
    const { stdout } = await run(rscript, ["-e", (await snippet("r")) + told], { cwd: folder.path });
    assert.deepEqual(stdout.trim().split(/ *\n/), [
      `${HOURS.shown + HOURS.missing} ${HOURS.missing} 10 POSIXct`,
      `${HOURS.shown} numeric`,
    ]);
  });
});

/** The first cells of the table below a heading. */
async function firstCells(heading: string): Promise<string[]> {
  const [, section = ""] = (await readFile(readme, "utf8")).split(new RegExp(`^#+ ${heading}$`, "m"));
  const rows = section.split(/^#/m)[0]!.match(/^\|.*\|$/gm) ?? [];
  return rows.slice(2).map((row) => row.split("|")[1]!.trim());
}

describe("README's table", () => {
  test("names each variable of the environment", async () => {
    const source = await readFile(new URL("../src/config.ts", import.meta.url), "utf8");
    const [, schema = ""] = source.split("const Environment = z.object({");
    const known = schema
      .split("});")[0]!
      .match(/^ {2}[A-Z][A-Z0-9_]+(?=:)/gm)!
      .map((name) => name.trim());
    assert.ok(known.length > 20);
    // The AWS SDK has many of its own, for which the table speaks as a whole.
    const own = known.filter((name) => !name.startsWith("AWS_"));
    const told = (await firstCells("Configuration")).flatMap((cell) => cell.match(/[A-Z][A-Z0-9_]+/g) ?? []);
    assert.deepEqual(told.filter((name) => !name.startsWith("AWS_")).sort(), own.sort());
  });

  test("names each package once", async () => {
    const { dependencies, devDependencies, optionalDependencies } = packageJson;
    const packages = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
    const told = (await firstCells("Dependencies")).flatMap((cell) => cell.match(/[@a-z][^\s,`]*/g) ?? []);
    const rowsOf = (name: string): string[] => told.filter((pattern) => matchesGlob(name, pattern));
    assert.deepEqual(
      packages.filter((name) => rowsOf(name).length !== 1),
      [],
    );
    assert.deepEqual(
      told.filter((pattern) => !packages.some((name) => matchesGlob(name, pattern))),
      [],
    );
  });
});
