/** The demo's configuration: whatever the environment holds for the real archive, the demo touches nothing of it. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "vitest";
import { demoConfig } from "../../src/commands/demo.ts";

const place = { scratch: "/tmp/etna-archive-demo-1", sourceUrl: "http://127.0.0.1:9/2.png" };

/** What a demo may be told: how it is reached, and what it looks like. */
const TAKEN = {
  HOST: "127.0.0.2",
  PORT: "5001",
  PUBLIC_URL: "https://example.org",
  ADMIN_TOKEN: "an-admin-token",
  READ_TOKEN: "a-read-token",
  CORS_ORIGINS: "https://example.org",
  TREMOR_MEDIUM_MV: "2",
  TREMOR_HIGH_MV: "5",
  LOG_LEVEL: "warn",
  LOG_PRETTY: "true",
};

test("a demo is as it is without any environment, whatever is set for the real archive", async () => {
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  const [, table] = /\n## Configuration\n(.*?)\n## /s.exec(readme)!;
  const others = [...table!.matchAll(/`([A-Z][A-Z0-9_]+)`/g)]
    .map(([, name]) => name!)
    .filter((name) => !(name in TAKEN));
  assert.ok(others.includes("BACKUP_TO") && others.includes("SCHEDULER") && others.includes("ALERT_WEBHOOK_URL"));
  // No value at all that would be right for any of them.
  const environment = Object.fromEntries(others.map((name) => [name, "s3://\0"]));
  assert.deepEqual(demoConfig(environment, place), demoConfig({}, place));
});

test("a demo stands on a folder of its own, without a backup, a webhook or other servers", () => {
  const { archive, catalogPath, ingvUrl, backup, alerts, scheduler } = demoConfig({}, place);
  assert.deepEqual(
    [archive.basePath, catalogPath, ingvUrl, backup.to, alerts.webhookUrl, scheduler],
    [`${place.scratch}/archives`, `${place.scratch}/catalog.sqlite`, place.sourceUrl, undefined, undefined, "always"],
  );
});

test("a demo is reached and looks as it is told", () => {
  const { host, port, publicUrl, adminToken, readToken, corsOrigins, levels, log } = demoConfig(TAKEN, place);
  assert.deepEqual(
    { host, port, publicUrl, adminToken, readToken, corsOrigins, levels, log },
    {
      host: "127.0.0.2",
      port: 5001,
      publicUrl: "https://example.org",
      adminToken: "an-admin-token",
      readToken: "a-read-token",
      corsOrigins: ["https://example.org"],
      levels: { mediumMv: 2, highMv: 5 },
      log: { level: "warn", pretty: true },
    },
  );
});
