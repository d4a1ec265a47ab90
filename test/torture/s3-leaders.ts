/** Several servers on one bucket, whose leader is killed, or stopped for a while, every few seconds. */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { createArchive } from "../../src/archive/create-archive.ts";
import { createS3Store } from "../../src/archive/s3-store.ts";
import { dayOf, FIRST_DAY, LAST_DAY } from "../../src/model/day.ts";
import { DayNotFound } from "../../src/model/errors.ts";
import { startPlotServer } from "../support/plot-server.ts";
import { startScript, type Child } from "../support/runtimes.ts";
import { samplePng } from "../support/sample-plot.ts";
import type { S3Place } from "../support/s3-place.ts";
import { scratchFolder } from "../support/scratch.ts";

export interface LeadersOptions {
  servers?: number;
  /** For how long leaders are killed and stopped. */
  seconds?: number;
  ttlMs?: number;
  /** Between two runs of the schedule. */
  periodSeconds?: number;
  /** What a takeover may take beyond the TTL; default 2000. */
  takeoverBeyondMs?: number;
}

interface Sample {
  server: string;
  atMs: number;
  epoch: number;
}

export async function killedLeaders(
  place: S3Place,
  { servers = 6, seconds = 40, ttlMs = 3000, periodSeconds = 3, takeoverBeyondMs = 2000 }: LeadersOptions = {},
) {
  await using opened = new AsyncDisposableStack();
  const scratch = opened.use(await scratchFolder());
  const plots = opened.use(await startPlotServer());
  let fetched = 0;
  plots.answer = (_request, response) => {
    response.writeHead(200, { "content-type": "image/png" }).end(samplePng(`fetched ${++fetched}`));
  };

  const samples: Sample[] = [];
  const runs: { server: string; dueMs: number; outcome: string }[] = [];
  const running = new Map<string, Child>();
  let started = 0;
  async function startOne(): Promise<void> {
    const name = `s${++started}`;
    const environment = {
      ...place.environment,
      S3_ENDPOINT: place.endpoints[started % place.endpoints.length]!,
      SERVER_NAME: name,
      CATALOG_PATH: `${scratch.path}/${name}.sqlite`,
      ARCHIVE_CRON: `*/${periodSeconds} * * * * *`,
      INGV_URL: plots.url,
      PORT: "0",
      ADMIN_TOKEN: "the-admin-token",
      LOG_LEVEL: "fatal",
    };
    const child = opened.use(startScript("torture/s3-server.ts", [String(ttlMs), JSON.stringify(environment)]));
    running.set(name, child);
    const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
    void child.ended.then(() => reject(new Error(`${name} ended before it was ready`)));
    void (async () => {
      for (let next = await child.lines.next(); !next.done; next = await child.lines.next()) {
        const [what, first, second = ""] = next.value.split(" ");
        if (what === "ready") resolve();
        if (what === "leads") samples.push({ server: name, atMs: Number(first), epoch: Number(second) });
        if (what === "ran") runs.push({ server: name, dueMs: Number(first), outcome: second });
      }
    })();
    await ready;
  }
  await Promise.all(Array.from({ length: servers }, startOne));

  const sharedMs = (): number => performance.timeOrigin + performance.now();
  async function leaderAfter(atMs: number, notThis?: string): Promise<Sample> {
    const deadlineMs = sharedMs() + 10 * ttlMs;
    for (;;) {
      const found = samples.find((sample) => sample.atMs > atMs && sample.server !== notThis);
      if (found !== undefined) return found;
      assert.ok(sharedMs() < deadlineMs, "nobody came to lead");
      await pause(20);
    }
  }

  // Meanwhile somebody reads: whole, or an error.
  const archive = createArchive(createS3Store({ bucket: place.bucket, prefix: place.prefix, ...place.settings }));
  let reads = 0;
  let reading = true;
  const reader = (async () => {
    while (reading) {
      try {
        await archive.get(dayOf(Date.now()));
        reads++;
      } catch (error) {
        if (!(error instanceof DayNotFound) || reads > 0) throw error;
      }
      await pause(25);
    }
  })();
  reader.catch(() => {}); // told below

  const takeoversMs: number[] = [];
  let [kills, stops] = [0, 0];
  const periodOf = (atMs: number): number => Math.floor(atMs / (periodSeconds * 1000));
  /** A server that was stopped between its run and telling of it has told of none: `SERVER PERIOD`. */
  const untold = new Set<string>();
  const endMs = sharedMs() + seconds * 1000;
  while (sharedMs() < endMs || kills + stops < 2) {
    const { server } = await leaderAfter(sharedMs());
    await pause(500 + Math.random() * 1000);
    const child = running.get(server)!;
    const atMs = sharedMs();
    untold.add(`${server} ${periodOf(Date.now())}`);
    if ((kills + stops) % 2 === 0) {
      process.kill(child.process.pid!, "SIGKILL");
      running.delete(server);
      kills++;
    } else {
      process.kill(child.process.pid!, "SIGSTOP");
      stops++;
      void pause(2 * ttlMs).then(() => process.kill(child.process.pid!, "SIGCONT"));
    }
    const next = await leaderAfter(atMs, server);
    takeoversMs.push(next.atMs - atMs);
    if (!running.has(server)) await startOne();
  }
  await pause(2 * ttlMs); // those that were stopped go on, and see that they lead no more
  reading = false;
  await reader;
  for (const { process: child } of running.values()) process.kill(child.pid!, "SIGTERM");
  await Promise.all([...running.values()].map(({ ended }) => ended));

  const longestMs = Math.max(...takeoversMs);
  assert.ok(longestMs <= ttlMs + takeoverBeyondMs, `a takeover took ${longestMs} ms`);
  const leases = assertOneLeader(samples);
  const done = runs.filter(({ outcome }) => outcome !== "FAILED");
  const periods = done
    .map(({ server, dueMs }) => ({ server, period: periodOf(dueMs) }))
    .filter(({ server, period }) => !untold.has(`${server} ${period}`))
    .map(({ period }) => period);
  const twice = periods.filter((period, at) => periods.indexOf(period) !== at);
  assert.deepEqual(twice, [], "a day was fetched twice in one period");
  assert.ok(done.length > 0);
  let archives = 0;
  for await (const { day } of archive.list({ from: FIRST_DAY, to: LAST_DAY })) {
    const { sha256 } = await archive.get(day);
    assert.equal((await archive.findRecord(day))?.picture.sha256, sha256);
    archives++;
  }
  assert.ok(archives > 0);
  const mean = takeoversMs.reduce((sum, ms) => sum + ms, 0) / takeoversMs.length;
  return {
    servers,
    kills,
    stops,
    "leases held, one at a time": leases,
    "takeover ms, mean": Math.round(mean),
    "takeover ms, longest": Math.round(longestMs),
    "limit ms": ttlMs + takeoverBeyondMs,
    "runs done": done.length,
    "plots fetched": fetched,
    "reads, all whole": reads,
  };
}

/**
 * Each sample says that a server led at one moment, by a lease that no other server and no later leader has. Ordered by
 * time, leases only grow: where two servers led at once, one of them would come again after the other.
 * @returns how many leases there were
 */
function assertOneLeader(samples: readonly Sample[]): number {
  const inOrder = [...samples].sort((a, b) => a.atMs - b.atMs);
  let highest = 0;
  for (const { epoch, server, atMs } of inOrder) {
    assert.ok(epoch >= highest, `${server} led by epoch ${epoch} at ${atMs}, after one of epoch ${highest} had led`);
    highest = epoch;
  }
  const byEpoch = new Map<number, string>();
  for (const { epoch, server } of inOrder) {
    assert.equal(byEpoch.get(epoch) ?? server, server, `two servers led by epoch ${epoch}`);
    byEpoch.set(epoch, server);
  }
  return byEpoch.size;
}
