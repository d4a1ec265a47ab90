/** A restore of all that COPY has into BASE, in a process of its own. Says `ready` when it begins. */
import { writeSync } from "node:fs";
import { startBulkThreads } from "../../src/archive/fs-bulk-thread.ts";
import { createFolderTarget } from "../../src/archive/folder-target.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { restore } from "../../src/archive/restore.ts";

const [basePath = "", path = ""] = process.argv.slice(2);
writeSync(1, "ready\n");
const target = createFolderTarget({ path, alone: true });
await using threads = startBulkThreads();
await restore(createFsStore({ basePath }), target, { bulk: threads.writerFor(basePath) });
