#!/usr/bin/env -S node --disable-warning=ExperimentalWarning --max-old-space-size=512 --max-semi-space-size=4
/**
 * Starts the program (`main.ts`) with the cache of compiled code: what is loaded is compiled, and its types are stripped,
 * once and not at each start. Plain JavaScript, since a file with types would itself be stripped each time, by a part of
 * Node that takes 40 ms to load; and so that an old Node, which can't read those, gets to tell that it is one.
 */
import * as nodeModule from "node:module";

const OLDEST_NODE = 24;

if (!("Deno" in globalThis) && Number.parseInt(process.versions.node) < OLDEST_NODE) {
  console.error(
    `etna-archive: needs Node ${OLDEST_NODE} or later, this is ${process.versions.node}: use npx etna-archive or npm start, ` +
      "which take the one that npm ci put into node_modules/.bin/node",
  );
  process.exit(1);
}

// Deno has a cache of its own, and no such function.
if ("enableCompileCache" in nodeModule) {
  const { directory } = nodeModule.enableCompileCache();
  // Its threads use it only where the environment names it.
  if (directory !== undefined) process.env["NODE_COMPILE_CACHE"] ??= directory;
}

await import("./main.ts");
