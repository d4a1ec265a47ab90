/** Many writers on one tree, and writers that are killed: what happens to a tree that isn't given any rest. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { createArchive } from "../../src/archive/create-archive.ts";
import { createFsStore, LOCK_NAME } from "../../src/archive/fs-store.ts";
import { DayNotFound } from "../../src/model/errors.ts";
import { runtimes, startScript, type Child } from "../support/runtimes.ts";
import { samplePlot, samplePng } from "../support/sample-plot.ts";
import { scratchFolder } from "../support/scratch.ts";
import { assertWhole, inspectTree, mendTree, torturedDay } from "./tree.ts";

/** Some processes, Node and Deno in turn, save plots of one day while this one reads it. */
export async function manyWriters({ processes, saves }: { processes: number; saves: number }) {
  await using scratch = await scratchFolder();
  await using children = new AsyncDisposableStack();
  const writers = Array.from({ length: processes }, (_, at) =>
    children.use(
      startScript(
        "torture/writer-process.ts",
        [scratch.path, `writer${at}`, String(saves)],
        runtimes[at % runtimes.length],
      ),
    ),
  );
  const archive = createArchive(createFsStore({ basePath: scratch.path, lockWaitMs: 0 }));
  let writing = true;
  const lines = Promise.all(writers.map(linesOf)).finally(() => (writing = false));
  let reads = 0;
  while (writing) {
    try {
      await archive.get(torturedDay); // whole, or it throws
      reads++;
    } catch (error) {
      if (!(error instanceof DayNotFound) || reads > 0) throw error; // it may only be missing before the first save
    }
    await pause(5);
  }
  const said = (await lines).flatMap((of) => of.slice(1).map((line) => line.split(" ")));
  assert.deepEqual(
    await Promise.all(writers.map(({ ended }) => ended)),
    writers.map(() => 0),
  );
  assert.equal(said.length, processes * saves, "every save was answered");
  const { sha256 } = await archive.get(torturedDay);
  assert.ok(said.some(([, of]) => of === sha256));
  await assertWhole(archive, scratch.path);
  return { processes, saves, archived: said.filter(([, , outcome]) => outcome === "ARCHIVED").length, reads };
}

/** A writer is killed at a random moment, again and again on one tree. */
export async function killedWriters({ kills }: { kills: number }) {
  await using scratch = await scratchFolder();
  const left = { saves: 0, temporaries: 0, recordBehind: 0, bothKinds: 0 };
  let lockFile: number | undefined;
  let before: string | undefined;
  for (let kill = 0; kill < kills; kill++) {
    await using writer = startScript("torture/writer-process.ts", [scratch.path, `kill${kill}`, "1000000"]);
    await writer.lines.next(); // ready
    const killed = pause(Math.random() * 150).then(() => writer.process.kill("SIGKILL"));
    const said = (await linesOf(writer)).filter((line) => /^\S+ [0-9a-f]{64} \S+$/.test(line));
    await killed;
    assert.equal(await writer.ended, "SIGKILL");

    const found = await inspectTree(scratch.path);
    await mendTree(scratch.path, `mend${kill}`);
    // What was acknowledged is there, unless the save under way had just replaced it.
    const last = said.at(-1)?.split(" ")[1] ?? before;
    if (found.sha256 !== last) assert.equal(found.sha256, shaOf(`kill${kill}-${said.length}`), "neither old nor new");
    left.saves += said.length;
    left.temporaries += found.temporaries;
    left.recordBehind += Number(found.recordBehind);
    left.bothKinds += Number(found.bothKinds);
    before = shaOf(`mend${kill}`);
    const { ino } = await stat(`${scratch.path}/${LOCK_NAME}`);
    assert.equal(ino, (lockFile ??= ino), "someone removed the lock file");
  }
  return { kills, ...left };
}

/** A writer that dies in front of each of its calls to the file system in turn (or each `step`th), as it replaces a day. */
export async function writersKilledAtEachCall({ step = 1 } = {}) {
  const left = { oldDay: 0, newDay: 0, temporaries: 0, recordBehind: 0, bothKinds: 0 };
  for (let call = 1; ; call += step) {
    await using scratch = await scratchFolder();
    const archive = createArchive(createFsStore({ basePath: scratch.path }));
    await archive.save(torturedDay, samplePlot("old", "2025-11-04T12:00:00Z"), { compress: true });
    await using writer = startScript("torture/writer-process.ts", [scratch.path, "new", "1", String(call)]);
    const [ended] = await Promise.all([writer.ended, linesOf(writer)]);
    const found = await inspectTree(scratch.path);
    const isNew = found.sha256 === shaOf("new-0");
    if (ended === 0) assert.ok(isNew && !found.recordBehind && found.temporaries === 0);
    else assert.ok(ended === "SIGKILL" && (isNew || found.sha256 === shaOf("old")), "neither the old day nor the new");
    left.oldDay += Number(!isNew);
    left.newDay += Number(isNew);
    left.temporaries += found.temporaries;
    left.recordBehind += Number(found.recordBehind);
    left.bothKinds += Number(found.bothKinds);
    await mendTree(scratch.path, "next");
    if (ended === 0) return { calls: call - 1, ...left };
  }
}

async function linesOf(child: Child): Promise<string[]> {
  const lines: string[] = [];
  for (let next = await child.lines.next(); !next.done; next = await child.lines.next()) lines.push(next.value);
  return lines;
}

function shaOf(seed: string): string {
  return createHash("sha256").update(samplePng(seed)).digest("hex");
}
