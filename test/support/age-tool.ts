/** The standard `age` program, where it is installed: the judge of what we encrypt, and the writer of what we must read. */
import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

export const hasAge: boolean = spawnSync("age", ["--version"]).status === 0;

export async function ageDecrypt(file: string, identityFile: string): Promise<Buffer> {
  const { stdout } = await run("age", ["--decrypt", "--identity", identityFile, file], { encoding: "buffer" });
  return stdout;
}

export async function ageEncrypt(from: string, to: string, recipient: string, { armored = false } = {}): Promise<void> {
  await run("age", ["--recipient", recipient, ...(armored ? ["--armor"] : []), "--output", to, from]);
}
