#!/usr/bin/env -S node --disable-warning=ExperimentalWarning --max-old-space-size=512 --max-semi-space-size=4
/**
 * Starts the program (`main.ts`) with the cache of compiled code: what is loaded is compiled, and its types are stripped,
 * once and not at each start. Plain JavaScript, since a file with types would itself be stripped each time, by a part of
 * Node that takes 40 ms to load.
 */
import * as nodeModule from "node:module";

// Deno has a cache of its own, and no such function.
if ("enableCompileCache" in nodeModule) {
  const { directory } = nodeModule.enableCompileCache();
  // Its threads use it only where the environment names it.
  if (directory !== undefined) process.env["NODE_COMPILE_CACHE"] ??= directory;
}

await import("./main.ts");
