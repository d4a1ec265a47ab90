/** Saves one plot of 4 November 2025 in the tree BASE and says how it went: for a process of another user. */
import { createArchive } from "../../src/archive/create-archive.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { Day } from "../../src/model/day.ts";
import { StoreFailed } from "../../src/model/errors.ts";
import { samplePlot } from "../support/sample-plot.ts";

const [basePath = ""] = process.argv.slice(2);
const archive = createArchive(createFsStore({ basePath }));
try {
  const { outcome } = await archive.save(Day.parse("2025-11-04"), samplePlot("once", new Date().toISOString()));
  console.log(outcome);
} catch (error) {
  if (!(error instanceof StoreFailed)) throw error;
  console.log(`${error.errno} ${error.message}`);
}
