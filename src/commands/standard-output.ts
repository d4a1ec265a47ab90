/**
 * Standard output: all that is printed, or an error. Node's own takes a write that the disk cut short for a whole one
 * where it is a file, and nobody would know that the file ends too early.
 */
import { fstatSync, writeSync } from "node:fs";
import { Writable } from "node:stream";

const STANDARD_OUTPUT = 1;

/** @param fail told in one line what went wrong; nothing that is printed later arrives */
export function openStandardOutput(fail: (line: string) => void): NodeJS.WritableStream {
  const out = isFile() ? createFileOutput() : process.stdout;
  return out.on("error", (error: NodeJS.ErrnoException) => {
    // Whoever reads our output may stop before its end, as `head` does.
    if (error.code === "EPIPE") process.exit(0);
    fail(`etna-archive: Cannot write standard output: ${error.code ?? error.message}`);
    process.exit(1);
  });
}

function isFile(): boolean {
  const kind = fstatSync(STANDARD_OUTPUT);
  return kind.isFile() || (kind.isCharacterDevice() && !process.stdout.isTTY);
}

const createFileOutput = (): Writable =>
  new Writable({
    write(chunk: Buffer, _encoding, done) {
      try {
        for (let at = 0; at < chunk.length;) at += writeSync(STANDARD_OUTPUT, chunk, at);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
