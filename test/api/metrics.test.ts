import assert from "node:assert/strict";
import { test } from "vitest";
import { stitchPending } from "../../src/jobs/stitch-pending.ts";
import { startApi } from "../support/api-server.ts";
import { sampleReading } from "../support/sample-reading.ts";

test("/metrics counts requests by route, runs by outcome, and what the archive holds", async () => {
  await using api = await startApi();
  const { catalog } = api;
  const run = (outcome: "ARCHIVED" | "FAILED", endedMs: number): void => {
    const { id } = catalog.startRun({ trigger: "SCHEDULE", startedMs: endedMs - 1000 });
    catalog.endRun(id, { endedMs, outcome });
  };
  const metric = async (line: string): Promise<number | undefined> => {
    const text = await (await api.fetch("/metrics")).text();
    const found = text.split("\n").find((candidate) => candidate.startsWith(`${line} `));
    return found === undefined ? undefined : Number(found.slice(line.length));
  };

  assert.equal(await metric('etna_archive_runs_total{outcome="ARCHIVED"}'), 0);
  const day = await api.keep("2025-11-04");
  run("ARCHIVED", 1_762_300_000_000);
  run("FAILED", 1_762_300_100_000);
  const open = catalog.startRun({ trigger: "ADMIN", startedMs: 1_762_300_200_000 });
  for (let times = 0; times < 3; times++) await api.fetch("/api/archives/list");
  await api.fetch("/api/archives/graph/2025-11-03");

  assert.equal(await metric('etna_archive_runs_total{outcome="ARCHIVED"}'), 1);
  assert.equal(await metric('etna_archive_runs_total{outcome="FAILED"}'), 1);
  catalog.endRun(open.id, { endedMs: 1_762_300_300_000, outcome: "FAILED" });
  assert.equal(await metric('etna_archive_runs_total{outcome="FAILED"}'), 2);
  assert.equal(await metric("etna_archive_last_success_timestamp_seconds"), 1_762_300_000);
  assert.equal(await metric("etna_archive_days"), 1);
  assert.equal(await metric("etna_archive_bytes"), day.size);
  const requests = (route: string, status: number): string =>
    `http_request_duration_seconds_count{method="GET",route="${route}",status="${status}"}`;
  assert.equal(await metric(requests("/api/archives/list", 200)), 3);
  assert.equal(await metric(requests("/api/archives/graph/:date", 404)), 1);
});

test("/metrics tells of plots that arrive, and are frozen or can't be read", async () => {
  await using api = await startApi();
  const metrics = async (): Promise<number[]> => {
    const text = await (await api.fetch("/metrics")).text();
    return ["etna_archive_newest_sample_timestamp_seconds", "etna_archive_last_read_plot_timestamp_seconds"].map(
      (name) => Number(new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1]),
    );
  };
  assert.deepEqual(await metrics(), [0, 0], "nothing was read yet");
  const reading = sampleReading();
  const newest = reading.samples.at(-1)!.timeMs / 1000;
  const seconds = (instant: string): number => Date.parse(instant) / 1000;
  const keep = async (day: string, of: typeof reading): Promise<void> => {
    await api.keep(day, { at: `${day}T12:25:00Z`, reading: of });
    await stitchPending(api.catalog);
  };
  await keep("2025-11-04", reading);
  assert.deepEqual(await metrics(), [newest, seconds("2025-11-04T12:25:00Z")]);
  await keep("2025-11-05", reading);
  assert.deepEqual(await metrics(), [newest, seconds("2025-11-05T12:25:00Z")], "frozen: it is read, and shows no more");
  await keep("2025-11-06", { ...reading, samples: [], gaps: [], joins: [], window: undefined, trusted: false });
  assert.deepEqual(await metrics(), [newest, seconds("2025-11-05T12:25:00Z")], "nothing could be read in it");
});

test("/metrics counts a run that kept a picture at hand once, however often it is asked", async () => {
  await using api = await startApi();
  const { id } = api.catalog.startRun({ trigger: "COMMAND", startedMs: 1_762_300_000_000, fetches: false });
  api.catalog.endRun(id, { endedMs: 1_762_300_001_000, outcome: "ARCHIVED" });
  for (let times = 0; times < 3; times++) {
    const text = await (await api.fetch("/metrics")).text();
    assert.match(text, /^etna_archive_runs_total\{outcome="ARCHIVED"\} 1$/m);
  }
});

test("/metrics tells of the backup, the disk and the process", async () => {
  await using api = await startApi();
  const { catalog } = api;
  const metrics = async (): Promise<Map<string, number>> => {
    const lines = (await (await api.fetch("/metrics")).text()).split("\n");
    return new Map(lines.map((line) => line.split(" ")).map(([name = "", value]) => [name, Number(value)]));
  };
  const backUp = (endedMs: number, outcome: "DONE" | "PROBLEMS", counts: Record<string, number> = {}): void => {
    const { id } = catalog.startMaintenance({ kind: "BACKUP", trigger: "SCHEDULE", startedMs: endedMs - 1000 });
    catalog.endMaintenance(id, { endedMs, outcome, summary: "it ended", counts });
  };
  const backup = async (): Promise<(number | undefined)[]> => {
    const told = await metrics();
    return [told.get("etna_archive_last_backup_timestamp_seconds"), told.get("etna_archive_backup_failing")];
  };

  assert.deepEqual(await backup(), [0, 0], "there was none");
  backUp(1_762_300_000_000, "DONE");
  assert.deepEqual(await backup(), [1_762_300_000, 0]);
  backUp(1_762_400_000_000, "PROBLEMS");
  assert.deepEqual(await backup(), [1_762_300_000, 1], "it left something out");
  backUp(1_762_500_000_000, "DONE");
  backUp(1_762_600_000_000, "DONE", { checkedFiles: 6 });
  assert.deepEqual(await backup(), [1_762_500_000, 0], "a check sends nothing");

  await api.keep("2025-11-04");
  const told = await metrics();
  assert.ok(told.get("etna_archive_free_bytes")! > 0);
  assert.equal(told.get("etna_archive_waiting_days"), catalog.countUnstitched());
  assert.ok(told.get("process_resident_memory_bytes")! > 1e6);
});
