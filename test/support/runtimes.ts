/** How to start a script of ours in a process of its own: in this runtime, and in the others that are installed. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Runtime {
  name: "node" | "deno";
  command: string;
  args: string[];
}

const installed = (path: string) => fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url));
const node = (command: string): Runtime => ({ name: "node", command, args: ["--disable-warning=ExperimentalWarning"] });
const deno = (command: string): Runtime => ({ name: "deno", command, args: ["run", "--allow-all", "--quiet"] });

export const thisRuntime: Runtime = process.versions["deno"] ? deno(process.execPath) : node(process.execPath);

/** This one first. */
export const runtimes: Runtime[] = [
  thisRuntime,
  ...[
    node(installed(".bin/node")),
    deno(installed("@deno/linux-x64-glibc/deno")),
    deno(installed("@deno/linux-arm64-glibc/deno")),
  ].filter(({ name, command }) => name !== thisRuntime.name && existsSync(command)),
].slice(0, 2);

export interface Child extends AsyncDisposable {
  process: ChildProcess;
  /** Each line of its standard output. */
  lines: AsyncIterator<string>;
  /** Its exit code, or the signal that ended it. What it printed is read before. */
  ended: Promise<number | string>;
}

/**
 * Starts a script of this folder's parent, such as `torture/writer-process.ts`. It doesn't outlive its block.
 * @param user another user and group, by number; only root may name one
 * @param environment what it has beside ours, such as a time zone
 */
export function startScript(
  script: string,
  args: readonly string[],
  runtime = thisRuntime,
  {
    user,
    environment,
    stderr = "inherit",
  }: { user?: number; environment?: Record<string, string>; stderr?: "inherit" | "pipe" } = {},
): Child {
  const path = fileURLToPath(new URL(`../${script}`, import.meta.url));
  const child = spawn(runtime.command, [...runtime.args, path, ...args], {
    stdio: ["ignore", "pipe", stderr],
    env: { ...process.env, ...environment },
    ...(user !== undefined && { uid: user, gid: user }),
  });
  const ended = once(child, "close").then(([code, signal]) => (code ?? signal) as number | string);
  return {
    process: child,
    lines: createInterface({ input: child.stdout! })[Symbol.asyncIterator](),
    ended,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await ended;
    },
  };
}
