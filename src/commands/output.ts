/** How results are printed: JSON for programs, words for people. */
import { resolve } from "node:path";
import type { Config } from "../config.ts";
import { StoreFailed } from "../model/errors.ts";
import { S3_URL } from "../setting-forms.ts";

/** One JSON value and a line end. */
export function printJson(out: NodeJS.WritableStream, value: unknown): void {
  out.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** A command that runs in another folder than the server finds nothing, which mustn't look like an answer of the archive. */
export function nothingKept({ archive: { basePath } }: Config): string {
  return `Nothing is kept in ${S3_URL.test(basePath) ? basePath : resolve(basePath)} (ARCHIVE_BASE_PATH)`;
}

/** Who runs a command may know where on the machine it went wrong; whoever asks a server may not. */
export function messageOf(error: Error): string {
  const { path, cause } = error instanceof StoreFailed ? error : { path: undefined };
  const located = path === undefined || error.message.includes(path) ? error.message : `${error.message}: ${path}`;
  // Of a bucket the path doesn't tell the machine: which one `S3_ENDPOINT` leads to, the network's own words do.
  const said = path?.startsWith("s3://") && cause instanceof Error ? cause.message.split("\n")[0] : undefined;
  return said ? `${located} (${said})` : located;
}
