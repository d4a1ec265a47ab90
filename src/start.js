#!/usr/bin/env -S node --disable-warning=ExperimentalWarning --max-old-space-size=512 --max-semi-space-size=4
import * as nodeModule from "node:module";
if ("enableCompileCache" in nodeModule) {
  const { directory } = nodeModule.enableCompileCache();
  if (directory !== undefined) process.env["NODE_COMPILE_CACHE"] ??= directory;
}
await import("./main.ts");
