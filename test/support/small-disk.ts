/** A small disk in memory, which can really be full or read-only. */
import { execFileSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { scratchFolder } from "./scratch.ts";

const run = (command: string, ...args: string[]): Buffer => execFileSync(command, args, { stdio: "pipe" });

/** Under a scratch folder. @param size as mount takes it: `128k` */
export async function mountDisk(size: string) {
  const scratch = await scratchFolder();
  const path = join(scratch.path, "disk");
  await mkdir(path);
  run("mount", "-t", "tmpfs", "-o", `size=${size}`, "etna-test", path);
  return {
    path,
    remountReadOnly: () => run("mount", "-o", "remount,ro", path),
    async [Symbol.asyncDispose]() {
      run("umount", path);
      await scratch[Symbol.asyncDispose]();
    },
  };
}

export async function mayMount(): Promise<boolean> {
  try {
    await (await mountDisk("64k"))[Symbol.asyncDispose]();
    return true;
  } catch {
    console.warn("tests of real disks are skipped: mounting isn't permitted here");
    return false;
  }
}
