/**
 * Lets what is loaded from here on be compiled, and its types be stripped, once and not at each start. Plain JavaScript,
 * since a file with types would itself be stripped each time, by a part of Node that takes 40 ms to load.
 */
import * as nodeModule from "node:module";

// Deno has a cache of its own, and no such function.
if ("enableCompileCache" in nodeModule) {
  const { directory } = nodeModule.enableCompileCache();
  // Its threads use it only where the environment names it.
  if (directory !== undefined) process.env["NODE_COMPILE_CACHE"] ??= directory;
}
