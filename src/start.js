#!/usr/bin/env -S node --disable-warning=ExperimentalWarning --max-old-space-size=512 --max-semi-space-size=4
/** Starts the program (`main.ts`) by way of the cache of compiled code. */
import "./compile-cache.js";

await import("./main.ts");
