import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // As the runtimes resolve packages. Vite's own choice adds "development", which would load a second graphql.
  ssr: { resolve: { conditions: ["node", "module-sync"] } },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/s3-setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Files wait for servers, disks and browsers more than they compute: one at a time, as vitest would on two
    // processors, takes twice as long.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ["default", "./test/support/closing-line.ts"],
  },
});
