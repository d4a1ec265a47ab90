import assert from "node:assert/strict";
import { hostname } from "node:os";
import { describe, test } from "vitest";
import { parseConfig } from "../src/config.ts";
import { CannotStart } from "../src/model/errors.ts";

describe("parseConfig", () => {
  test("has the defaults of README's table", () =>
    assert.deepEqual(parseConfig({}), {
      host: "127.0.0.1",
      port: 5000,
      publicUrl: undefined,
      ingvUrl: "https://www.ct.ingv.it/RMS_Etna/2.png",
      archive: {
        basePath: "data/archives",
        displayBase: "data/archives",
        retentionDays: 90,
        compress: false,
        keepSeries: true,
      },
      s3: {
        endpoint: undefined,
        region: undefined,
        forcePathStyle: undefined,
        presign: false,
        credentials: undefined,
      },
      cron: "25,55 * * * *",
      verify: { cron: "40 2 * * 0", bytesPerSecond: 4e6 },
      scheduler: "always",
      serverName: `${hostname()}/${process.pid}`,
      catalogPath: "data/catalog.sqlite",
      backup: {
        to: undefined,
        cron: "15 1 * * *",
        recipient: undefined,
        identity: undefined,
        identityFile: undefined,
      },
      alerts: { webhookUrl: undefined },
      adminToken: undefined,
      readToken: undefined,
      corsOrigins: [],
      levels: { mediumMv: 1, highMv: 4 },
      log: { level: "info", pretty: undefined },
    }));

  test("takes an empty variable for an absent one", () => assert.equal(parseConfig({ PORT: "" }).port, 5000));
  test("turns the schedule off", () => assert.equal(parseConfig({ ARCHIVE_CRON: "off" }).cron, undefined));
  test("turns verification by itself off, or slows it down", () =>
    assert.deepEqual(parseConfig({ VERIFY_CRON: "off", VERIFY_MB_PER_SECOND: "1" }).verify, {
      cron: undefined,
      bytesPerSecond: 1e6,
    }));
  test("takes six cron fields", () =>
    assert.equal(parseConfig({ ARCHIVE_CRON: "*/5 * * * * *" }).cron, "*/5 * * * * *"));
  test("takes levels of the tremor, the higher one above the lower", () => {
    assert.deepEqual(parseConfig({ TREMOR_MEDIUM_MV: "0.8", TREMOR_HIGH_MV: "3" }).levels, {
      mediumMv: 0.8,
      highMv: 3,
    });
    assert.throws(() => parseConfig({ TREMOR_MEDIUM_MV: "5" }), /TREMOR_HIGH_MV is wrong.*5/);
    assert.throws(() => parseConfig({ TREMOR_HIGH_MV: "high" }), /TREMOR_HIGH_MV is wrong: an amplitude in mV/);
  });
  test("elects who fetches where an archive can be shared, and not else", () => {
    assert.equal(parseConfig({ ARCHIVE_BASE_PATH: "s3://etna-data/archives" }).scheduler, "elect");
    assert.equal(parseConfig({ ARCHIVE_BASE_PATH: "s3://etna-data", SCHEDULER: "never" }).scheduler, "never");
    assert.throws(() => parseConfig({ SCHEDULER: "elect" }), /^Error: SCHEDULER is wrong: elect needs/);
  });
  test("keeps all with -1", () =>
    assert.equal(parseConfig({ ARCHIVE_RETENTION_DAYS: "-1" }).archive.retentionDays, -1));
  test("splits the origins", () =>
    assert.deepEqual(parseConfig({ CORS_ORIGINS: "https://a.org, http://b.org:8080" }).corsOrigins, [
      "https://a.org",
      "http://b.org:8080",
    ]));
  test("takes the slash off the public URL", () =>
    assert.equal(parseConfig({ PUBLIC_URL: "https://etna.example/x/" }).publicUrl, "https://etna.example/x"));

  for (const { name, basePath, shown } of [
    { name: "as configured when relative", basePath: "data/archives", shown: "data/archives" },
    { name: "without what means nothing", basePath: "./data//archives/", shown: "data/archives" },
    { name: "by its last folder when absolute", basePath: "/srv/etna/archives", shown: "archives" },
    { name: "as a dot for the working folder", basePath: ".", shown: "." },
    { name: "by its prefix's last part in a bucket", basePath: "s3://etna-data/old/archives/", shown: "archives" },
    { name: "by the bucket where there is no prefix", basePath: "s3://etna-data", shown: "etna-data" },
  ])
    test(`shows the base ${name}`, () =>
      assert.equal(parseConfig({ ARCHIVE_BASE_PATH: basePath }).archive.displayBase, shown));

  for (const [name, value, says] of [
    ["PORT", "65536", /at most 65535/],
    ["PORT", "80a", /whole number/],
    ["PUBLIC_URL", "etna.example", /http or https/],
    ["INGV_URL", "file:///etc/passwd", /http or https/],
    ["INGV_URL", "https://me:my-password@plots.example/2.png", /without a user and a password is needed$/],
    ["ARCHIVE_BASE_PATH", "ftp://host/tree", /a folder is needed/],
    ["ARCHIVE_BASE_PATH", "s3:/etna-data/archives", /a folder is needed, or s3:\/\/BUCKET/],
    ["ARCHIVE_BASE_PATH", "S3:etna-data", /a folder is needed, or s3:\/\/BUCKET/],
    ["ARCHIVE_RETENTION_DAYS", "0", /0 would delete everything/],
    ["ARCHIVE_RETENTION_DAYS", "-2", /from 1 on, or -1/],
    ["ARCHIVE_RETENTION_DAYS", "1.5", /from 1 on, or -1/],
    ["ARCHIVE_COMPRESS", "maybe", /true or false/],
    ["ARCHIVE_CRON", "every day", /cron pattern/],
    ["VERIFY_CRON", "weekly", /cron pattern/],
    ["VERIFY_MB_PER_SECOND", "0", /at least 1/],
    ["ARCHIVE_CRON", "61 * * * *", /cron pattern/],
    ["ADMIN_TOKEN", "short", /8 visible/],
    ["READ_TOKEN", "with a blank", /8 visible/],
    ["CORS_ORIGINS", "*", /origins such as/],
    ["CORS_ORIGINS", "https://a.org/", /origins such as/],
    ["BACKUP_TO", "sftp://host/tree", /a folder is needed/],
    ["BACKUP_CRON", "nightly", /cron pattern/],
    ["BACKUP_AGE_RECIPIENT", "ssh-ed25519 AAAA", /an age recipient/],
    ["ALERT_WEBHOOK_URL", "hooks.example", /http or https/],
    ["ALERT_WEBHOOK_URL", "https://me:my-password@hooks.example/", /without a user and a password is needed$/],
    ["LOG_LEVEL", "loud", /LOG_LEVEL is wrong/],
  ] as const)
    test(`refuses ${name}=${value} in one line that names it`, () =>
      assert.throws(
        () => parseConfig({ [name]: value }),
        (error: Error) => {
          assert.ok(error instanceof CannotStart);
          assert.match(error.message, new RegExp(`^${name} is wrong: [^\\n]+$`));
          assert.match(error.message, says);
          return true;
        },
      ));

  for (const { name, meant } of [
    { name: "ARCHIVE_RETENTION_DAY", meant: "ARCHIVE_RETENTION_DAYS" },
    { name: "BACKUP_T0", meant: "BACKUP_TO" },
    { name: "BACKUPTO", meant: "BACKUP_TO" },
    { name: "ARCHVIE_BASE_PATH", meant: "ARCHIVE_BASE_PATH" },
    { name: "archive_keep_series", meant: "ARCHIVE_KEEP_SERIES" },
    { name: "ALERT_WEBHOK_URL", meant: "ALERT_WEBHOOK_URL" },
    { name: "READ_TOKN", meant: "READ_TOKEN" },
    { name: "VERIFY_CORN", meant: "VERIFY_CRON" },
  ])
    test(`refuses ${name}, which would leave the default in force`, () =>
      assert.throws(() => parseConfig({ [name]: "x" }), {
        constructor: CannotStart,
        message: `${name} is no setting: ${meant} may be meant`,
      }));

  test("takes no other program's variable for one of its own", () => {
    const others = { PORTS: "1", HOSTS: "a", HOSTNAME: "b", AWS_PROFILE: "c", S3_BUCKET: "d", LOG_FILE: "e" };
    assert.equal(parseConfig({ ...others, BACKUP_TOOL: "f", npm_config_cache: "g" }).port, 5000);
  });

  test("never prints a hook, whose path is its secret", () =>
    assert.throws(
      () => parseConfig({ ALERT_WEBHOOK_URL: "hooks.example/s3cret" }),
      (error: Error) => !error.message.includes("s3cret"),
    ));
  test("never prints a token", () =>
    assert.throws(
      () => parseConfig({ ADMIN_TOKEN: "s3cret" }),
      (error: Error) => !error.message.includes("s3cret"),
    ));
  test("refuses one token for both roles", () =>
    assert.throws(() => parseConfig({ ADMIN_TOKEN: "same-token", READ_TOKEN: "same-token" }), CannotStart));
});
