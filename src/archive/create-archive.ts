/**
 * An archive on a store: reading, writing and cleaning up, joined. It holds nothing open, so there is nothing to close.
 */
import type { Archive } from "./archive.ts";
import { createCleanup } from "./cleanup.ts";
import { createReader } from "./reader.ts";
import type { Store } from "./store.ts";
import { createWriter } from "./writer.ts";

export interface ArchiveOptions {
  /** Gzip new pictures. */
  compress?: boolean;
  clock?: () => number;
}

export function createArchive(store: Store, { compress = false, clock = Date.now }: ArchiveOptions = {}): Archive {
  const { readContents, ...reader } = createReader(store);
  return {
    ...reader,
    ...createWriter(store, { find: reader.find, readContents }, compress),
    cleanup: createCleanup(store, clock),
    checkWritable: () => store.checkWritable(),
    freeBytes: () => store.freeBytes(),
  };
}
