/** Runs commands of the program as `main` does, on a scratch folder, and keeps what they print. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { runCommand } from "../../src/commands/run.ts";
import { samplePng } from "./sample-plot.ts";

export interface Ended {
  status: number;
  out: Buffer;
  /** Standard output as text. */
  text: string;
  /** Lines on standard error, without the log's. */
  said: string;
}

export interface CommandLine extends AsyncDisposable {
  folder: string;
  /** Changes of the environment that all later commands see. */
  environment: Record<string, string>;
  nowMs: number;
  run(...args: string[]): Promise<Ended>;
}

/** All later commands back up to a folder beside the archive, and keep everything. @returns both folders */
export function withBackup({ folder, environment }: CommandLine): { base: string; copyBase: string } {
  const copyBase = join(folder, "backup");
  environment["BACKUP_TO"] = copyBase;
  environment["ARCHIVE_RETENTION_DAYS"] = "-1";
  return { base: environment["ARCHIVE_BASE_PATH"]!, copyBase };
}

/** Keeps a picture of each day. */
export async function keepDays(line: CommandLine, days: readonly string[]): Promise<void> {
  const file = join(line.folder, "plot.png");
  for (const day of days) {
    await writeFile(file, samplePng(day));
    assert.equal((await line.run("archive", "--file", file, "--date", day)).status, 0);
  }
}

export async function openCommandLine(now = "2025-11-04T12:25:00Z"): Promise<CommandLine> {
  const folder = await mkdtemp(join(tmpdir(), "etna-commands-"));
  const line: CommandLine = {
    folder,
    environment: {
      ARCHIVE_BASE_PATH: join(folder, "archives"),
      CATALOG_PATH: join(folder, "catalog.sqlite"),
      INGV_URL: "http://127.0.0.1:9/2.png",
      LOG_LEVEL: "silent",
    },
    nowMs: Date.parse(now),
    async run(...args) {
      const chunks: Buffer[] = [];
      const said: string[] = [];
      const out = new Writable({
        write(chunk: Buffer | string, _encoding, done) {
          chunks.push(Buffer.from(chunk));
          done();
        },
      });
      const { environment } = line;
      const say = (text: string): number => said.push(text);
      const status = await runCommand(args, { environment, out, say, isTerminal: false, clock: () => line.nowMs });
      return { status, out: Buffer.concat(chunks), text: Buffer.concat(chunks).toString(), said: said.join("\n") };
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
  return line;
}
