/**
 * vitest's global set-up for S3: one cluster for a whole run, started when a test first asks for it and stopped at the
 * run's end, however that ends. Tests run in processes of their own, so they ask by HTTP.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestProject } from "vitest/node";
import { missingPrograms, startCluster, type Cluster } from "./ceph.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Asked, it answers a `Cluster` as JSON. Empty where there is none, and those tests are skipped. */
    s3Starter: string;
  }
}

export default async function setUp({ provide }: TestProject): Promise<() => Promise<void>> {
  const missing = missingPrograms();
  if (missing.length > 0) {
    console.log(`S3 tests are skipped: ${missing.join(", ")} not found (node test/support/ceph.ts install)`);
    provide("s3Starter", "");
    return async () => {};
  }
  let cluster: Promise<Cluster> | undefined;
  const server = createServer((_request, response) => {
    cluster ??= startCluster({ gateways: 2 });
    cluster.then(
      (started) => response.end(JSON.stringify(started)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  provide("s3Starter", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await (await cluster?.catch(() => undefined))?.[Symbol.asyncDispose]();
  };
}
