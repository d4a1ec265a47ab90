/** The program as a whole: a process of its own, asked by HTTP and told to stop by a signal. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, test } from "vitest";
import { dayOf } from "../src/model/day.ts";
import { startPlotServer, type PlotServer } from "./support/plot-server.ts";
import { samplePng } from "./support/sample-plot.ts";
import { sharedPath } from "./support/shared-path.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MAIN = join(ROOT, "src/start.js");
const RUNTIME = "Deno" in globalThis ? ["run", "-A"] : ["--disable-warning=ExperimentalWarning"];
const ADMIN_TOKEN = "a-token-for-tests";

let folder: string;
let plots: PlotServer;
const running: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "etna-serve-"));
  plots = await startPlotServer();
});
afterEach(async () => {
  for (const child of running.splice(0))
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  await plots[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Signals go by `process.kill`: after `child.kill`, Deno tells of the signal even where the child ended by itself. */
interface Program {
  child: ChildProcess;
  /** Lines of standard error so far. */
  lines: string[];
  /** Resolves with the first line, old or new, that matches; rejects when the program ends before. */
  line(pattern: RegExp): Promise<string>;
  ended: Promise<{ status: number | null; out: string }>;
}

function start(args: string[], environment: Record<string, string> = {}): Program {
  return run([process.execPath, ...RUNTIME, MAIN, ...args], folder, environment);
}

function run([command, ...args]: [string, ...string[]], cwd: string, environment: Record<string, string>): Program {
  const env = {
    PATH: process.env["PATH"],
    ARCHIVE_BASE_PATH: "archives",
    CATALOG_PATH: "catalog.sqlite",
    INGV_URL: plots.url,
    PORT: "0",
    ADMIN_TOKEN,
    ...environment,
  };
  const child = spawn(command, args, { cwd, env });
  running.push(child);
  const lines: string[] = [];
  const waiting: { pattern: RegExp; found: (line: string) => void }[] = [];
  createInterface(child.stderr!).on("line", (line) => {
    lines.push(line);
    for (const { pattern, found } of waiting) if (pattern.test(line)) found(line);
  });
  let out = "";
  child.stdout!.on("data", (chunk) => (out += chunk));
  const ended = once(child, "close").then(([status]) => ({ status: status as number | null, out }));
  return {
    child,
    lines,
    ended,
    line: (pattern) =>
      new Promise((found, reject) => {
        const before = lines.find((line) => pattern.test(line));
        if (before !== undefined) return found(before);
        waiting.push({ pattern, found });
        void ended.then(() => reject(new Error(`ended before ${pattern}: ${lines.join("\n")}`)));
      }),
  };
}

/** Starts the server. @returns it and its URL, once it listens */
async function serve(environment: Record<string, string> = {}): Promise<Program & { url: string }> {
  return listening(start(["serve"], environment));
}

async function listening(program: Program): Promise<Program & { url: string }> {
  const line = await program.line(/"msg":"etna-archive is listening"/);
  return { ...program, url: JSON.parse(line).url };
}

const today = (): string => dayOf(Date.now());

describe("serve", () => {
  test("archives the plot at start, lists it, and gives it back byte for byte by every way there is", async ({
    skip,
  }) => {
    const path = sharedPath("graphs/real-ecbd-20250513.png");
    const png = path === undefined ? Buffer.from(samplePng(1)) : await readFile(path);
    plots.publish(png);
    const { url, line, child, ended } = await serve();
    await line(/"outcome":"ARCHIVED"/);

    const { archives } = (await (await fetch(`${url}/api/archives/list`)).json()) as {
      archives: { date: string; path: string }[];
    };
    const [archive] = archives;
    assert.equal(archive?.path, `archives/${today().replaceAll("-", "/")}/etna_${today().replaceAll("-", "")}.png`);
    const graph = await fetch(`${url}/api/archives/graph/${archive.date}`);
    assert.deepEqual(Buffer.from(await graph.arrayBuffer()), png);

    const query = JSON.stringify({ query: "{ latestArchive { imageUrl sourceUrl sha256 } }" });
    const asked = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: query,
    });
    const { data } = (await asked.json()) as { data: { latestArchive: { imageUrl: string; sourceUrl: string } } };
    assert.equal(data.latestArchive.sourceUrl, plots.url);
    assert.deepEqual(Buffer.from(await (await fetch(data.latestArchive.imageUrl)).arrayBuffer()), png);

    const get = start(["get", archive.date, "-o", "out.png"]);
    assert.equal((await get.ended).status, 0);
    assert.deepEqual(await readFile(join(folder, "out.png")), png);

    process.kill(child.pid!, "SIGTERM");
    assert.equal((await ended).status, 0);
    if (path === undefined) skip("../shared is absent, so this was a picture of our own");
  });

  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const)
    test(`ends with status 0 on ${signal}, and leaves nothing half done`, async () => {
      plots.publish(samplePng(1));
      const { line, child, ended } = await serve();
      await line(/"outcome":"ARCHIVED"/);
      process.kill(child.pid!, signal);
      assert.deepEqual(await ended, { status: 0, out: "" });
      const names = await readdir(join(folder, "archives"), { recursive: true });
      assert.deepEqual(
        names.filter((name) => name.endsWith(".tmp")),
        [],
      );
    });

  test("takes a signal that comes twice at once, as npm passes on what a terminal has sent to all, for one", async () => {
    const { child, ended } = await serve({ ARCHIVE_CRON: "off" });
    process.kill(child.pid!, "SIGINT");
    process.kill(child.pid!, "SIGTERM");
    assert.equal((await ended).status, 0);
  });

  test("ends when npm, which started it, is told to stop", async () => {
    const paths = { ARCHIVE_BASE_PATH: join(folder, "archives"), CATALOG_PATH: join(folder, "catalog.sqlite") };
    const npm = run(["npm", "start"], ROOT, { ...paths, ARCHIVE_CRON: "off", npm_config_update_notifier: "false" });
    const { child, url, ended } = await listening(npm);
    process.kill(child.pid!, "SIGTERM");
    // A server that went on would keep the pipe open, and the port.
    assert.equal((await ended).status, 0);
    await assert.rejects(fetch(`${url}/healthz`));
  });

  test("answers what is being asked when it is told to stop, and ends a subscription", async () => {
    const { url, child, ended } = await serve({ ARCHIVE_CRON: "off" });
    const query = JSON.stringify({ query: "subscription { archived { date } }" });
    const headers = { "content-type": "application/json", accept: "text/event-stream" };
    const subscription = await fetch(`${url}/graphql`, { method: "POST", headers, body: query });
    assert.match(subscription.headers.get("content-type") ?? "", /event-stream/);
    process.kill(child.pid!, "SIGTERM");
    assert.match(await subscription.text(), /^event: complete/m, "it isn't cut off");
    assert.equal((await ended).status, 0);
  });

  test("answers who waits for a fetch that is cut short, when it is told to stop", async () => {
    const fetching = Promise.withResolvers<void>();
    plots.answer = (_request, response) => {
      response.writeHead(200).write("\x89PNG");
      fetching.resolve();
    };
    const { url, child, ended } = await serve({ ARCHIVE_CRON: "off" });
    const query = JSON.stringify({ query: "mutation { archiveNow { ... on Error { code } } }" });
    const headers = { "content-type": "application/json", authorization: `Bearer ${ADMIN_TOKEN}` };
    const asked = fetch(`${url}/graphql`, { method: "POST", headers, body: query });
    await fetching.promise;
    process.kill(child.pid!, "SIGTERM");
    assert.deepEqual(await (await asked).json(), { data: { archiveNow: { code: "SHUTDOWN" } } });
    assert.equal((await ended).status, 0);
  });

  test("says when a run fails, goes on serving, and is ready all the same until a scheduled run was due", async () => {
    plots.answer = (_request, response) => response.writeHead(404).end();
    const { url, line } = await serve();
    const failed = JSON.parse(await line(/"outcome":"FAILED"/));
    assert.equal(failed.code, "SOURCE_UNAVAILABLE");
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    assert.equal((await fetch(`${url}/readyz`)).status, 200);
  });

  test("fetches nothing by itself with ARCHIVE_CRON=off, and on demand by an admin", async () => {
    plots.publish(samplePng(1));
    const { url } = await serve({ ARCHIVE_CRON: "off" });
    assert.deepEqual(plots.statuses, []);
    const asked = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${ADMIN_TOKEN}` },
      body: JSON.stringify({
        query: "mutation { archiveNow { ... on ArchiveNowSuccess { outcome archive { date } } } }",
      }),
    });
    assert.deepEqual(await asked.json(), { data: { archiveNow: { outcome: "ARCHIVED", archive: { date: today() } } } });
  });

  test("makes an admin token where none is set, and prints it once outside of the log", async () => {
    const { line, lines } = await serve({ ADMIN_TOKEN: "", ARCHIVE_CRON: "off" });
    const said = await line(/ADMIN_TOKEN/);
    const token = /[\w-]{32}/.exec(said)?.[0] as string;
    assert.equal(lines.filter((one) => one.includes(token)).length, 1);
    assert.throws(() => JSON.parse(said), "it isn't a line of the log");
  });

  test("knows after a restart what it did before", async () => {
    plots.publish(samplePng(1));
    const first = await serve();
    await first.line(/"outcome":"ARCHIVED"/);
    process.kill(first.child.pid!, "SIGTERM");
    await first.ended;
    const { url } = await serve({ ARCHIVE_CRON: "off" });
    const query = "{ archives { totalCount } archivalRuns { edges { node { trigger outcome } } } }";
    const asked = await fetch(`${url}/graphql?query=${encodeURIComponent(query)}`);
    assert.deepEqual(await asked.json(), {
      data: {
        archives: { totalCount: 1 },
        archivalRuns: { edges: [{ node: { trigger: "STARTUP", outcome: "ARCHIVED" } }] },
      },
    });
  });
});

describe("demo", () => {
  test("takes its folder with it on SIGHUP, as when its terminal closes", async () => {
    const scratch = join(folder, "tmp");
    await mkdir(scratch);
    const { line, child, ended } = start(["demo"], { TMPDIR: scratch, SCHEDULER: "elect" });
    await line(/"this is a demo/);
    process.kill(child.pid!, "SIGHUP");
    assert.equal((await ended).status, 0);
    const left = await readdir(scratch);
    assert.deepEqual(
      left.filter((name) => name.startsWith("etna-archive-demo-")),
      [],
    );
  });
});

test("a verification held back to a pace, which waits with nothing else to do, goes on to its end all the same", async () => {
  await writeFile(join(folder, "plot.png"), samplePng(1));
  assert.equal((await start(["archive", "--file", "plot.png"]).ended).status, 0);
  const { ended, lines } = start(["verify", "--mb-per-second", "0.01"]);
  assert.equal((await ended).status, 0, lines.join("\n"));
  assert.match(lines.at(-1)!, /^All is whole: 1 picture and 1 record of 1 day; 0 remarks$/);
});

describe("a start that can't be", () => {
  for (const { name, environment, says } of [
    {
      name: "a wrong variable",
      environment: { ARCHIVE_RETENTION_DAYS: "0" },
      says: /^etna-archive: ARCHIVE_RETENTION_DAYS is wrong: /,
    },
    {
      name: "a base path that is a file",
      environment: { ARCHIVE_BASE_PATH: "a-file" },
      says: /^etna-archive: [^\n]*ENOTDIR/,
    },
  ])
    test(`ends with status 1 and one line: ${name}`, async () => {
      await writeFile(join(folder, "a-file"), "");
      const { ended, lines } = start(["serve"], environment);
      assert.equal((await ended).status, 1);
      assert.equal(lines.length, 1, lines.join("\n"));
      assert.match(lines[0] as string, says);
    });

  test("ends with status 1 and one line, as each command does: an .env that can't be read, which help needs none of", async () => {
    await symlink(".env", join(folder, ".env"));
    for (const command of ["serve", "list"]) {
      const { ended, lines } = start([command]);
      assert.equal((await ended).status, 1);
      assert.equal(lines.length, 1, lines.join("\n"));
      assert.match(lines[0]!, /^etna-archive: Cannot read \.env: .*\(ELOOP\): \/.*\/\.env$/);
    }
    assert.equal((await start(["--help"]).ended).status, 0);
  });

  // Deno itself starts in no such folder.
  test.skipIf("Deno" in globalThis)(
    "is none for a command whose working folder was removed, where all its places are named in full",
    async () => {
      const gone = join(folder, "gone");
      await mkdir(gone);
      const places = { ARCHIVE_BASE_PATH: join(folder, "archives"), CATALOG_PATH: join(folder, "catalog.sqlite") };
      const command = [process.execPath, ...RUNTIME, MAIN, "list"];
      const { ended, lines } = run(["sh", "-c", 'rmdir "$PWD" && exec "$@"', "sh", ...command], gone, places);
      assert.equal((await ended).status, 0, lines.join("\n"));
    },
  );

  test.skipIf("Deno" in globalThis)(
    "ends with status 1 and one line: an older Node than the program needs",
    async () => {
      const older = 'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } })';
      const pretending = ["--import", `data:text/javascript,${older}`];
      const { ended, lines } = run([process.execPath, ...pretending, MAIN, "list"], folder, {});
      assert.equal((await ended).status, 1);
      assert.equal(lines.length, 1, lines.join("\n"));
      assert.match(lines[0]!, /needs Node 24 or later, this is 20\.20\.2: .*npx.*npm start.*node_modules\/\.bin\/node/);
    },
  );

  test("ends with status 1 and one line: a port that is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as { port: number };
    const { ended, lines } = start(["serve"], { PORT: String(port) });
    assert.equal((await ended).status, 1);
    const help = "another program listens there; set PORT to a free one";
    assert.deepEqual(lines, [`etna-archive: Cannot listen on 127.0.0.1:${port}: EADDRINUSE: ${help}`]);
    assert.deepEqual(plots.statuses, [], "it fetches nothing");
    taken.close();
  });
});
