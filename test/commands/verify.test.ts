/** `verify` as people run it: what it prints, its exit status, and pictures that a repair takes from the backup. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { afterEach, beforeEach, describe, test } from "vitest";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { Day } from "../../src/model/day.ts";
import { demoPlots } from "../../src/source/demo.ts";
import { contentsOf } from "../support/backups.ts";
import { openCommandLine, type CommandLine } from "../support/command-line.ts";
import { samplePng } from "../support/sample-plot.ts";

const picture = "2025/11/02/etna_20251102.png";

let line: CommandLine;
let base: string;
beforeEach(async () => {
  line = await openCommandLine();
  base = join(line.folder, "archives");
  line.environment["ARCHIVE_RETENTION_DAYS"] = "-1";
  const loose = join(line.folder, "loose");
  await mkdir(loose);
  for (const day of ["20251101", "20251102", "20251103"])
    await writeFile(join(loose, `etna_${day}.png`), samplePng(day));
  assert.equal((await line.run("import", loose)).status, 0);
});
afterEach(() => line[Symbol.asyncDispose]());

async function flip(key: string): Promise<Buffer> {
  const bytes = await readFile(join(base, key));
  bytes[bytes.length >> 1]! ^= 16;
  await writeFile(join(base, key), bytes);
  return bytes;
}

describe("verify", () => {
  test("of a whole archive says so", async () => {
    const { status, text, said } = await line.run("verify");
    assert.deepEqual([status, text], [0, ""]);
    assert.match(said, /All is whole: 3 pictures and 3 records of 3 days; 0 remarks/);
  });

  test("of a place where nothing is kept says that, and where it looked: whoever is in another folder thinks all is whole", async () => {
    await using elsewhere = await openCommandLine();
    elsewhere.environment["BACKUP_TO"] = join(elsewhere.folder, "backup");
    const nothing = `Nothing is kept in ${join(elsewhere.folder, "archives")} (ARCHIVE_BASE_PATH)`;
    for (const command of ["verify", "list", "rebuild", "backup"]) {
      const { status, said } = await elsewhere.run(command);
      assert.deepEqual([status, said.split("\n").at(-1)], [0, nothing], command);
      assert.doesNotMatch(said, /whole/);
    }
    assert.equal((await line.run("list", "--start", "2025-11-04")).said, "0 archives");
  });

  test("prints one line for each finding, and ends with status 1 over damage", async () => {
    await flip(picture);
    await writeFile(join(base, "2025/11/01/notes.txt"), "mine");
    const { status, text, said } = await line.run("verify");
    assert.equal(status, 1);
    const lines = text.trimEnd().split("\n");
    for (const says of [
      /^remark 2025\/11\/01\/notes\.txt FOREIGN_FILE: /,
      /^DAMAGE 2025-11-02 2025\/11\/02\/etna_20251102\.png PICTURE_DAMAGED: /,
    ])
      assert.equal(lines.filter((some) => says.test(some)).length, 1, text);
    assert.match(said, /Found 1 damaged: 3 pictures.*\n`verify --repair` mends what can be had again/);
  });

  for (const { name, lose } of [
    { name: "isn't there", lose: (place: string) => rm(place, { recursive: true }) },
    {
      name: "is an empty folder, as that of a disk that isn't mounted",
      lose: async (place: string) => {
        await rm(place, { recursive: true });
        await mkdir(place);
      },
    },
  ])
    test(`says that the backup ${name}, though one was made`, async () => {
      const place = (line.environment["BACKUP_TO"] = join(line.folder, "backup"));
      assert.equal((await line.run("verify")).text, "", "there is none yet");
      assert.equal((await line.run("backup")).status, 0);
      await lose(place);
      const { status, text, said } = await line.run("verify");
      assert.equal(status, 0);
      assert.match(text, /^remark BACKUP_UNAVAILABLE: .*the backup of \d{4}-\d\d-\d\d is gone from its place/);
      assert.match(said, /All that is here is whole, but the backup can't be asked what is gone: 3 pictures/);
    });

  for (const { trigger, daysAgo, isSaid } of [
    { trigger: "SCHEDULE", daysAgo: 1, isSaid: true },
    { trigger: "SCHEDULE", daysAgo: 8, isSaid: false },
    { trigger: "COMMAND", daysAgo: 1, isSaid: false },
  ] as const)
    test(`in a shell without BACKUP_TO ${isSaid ? "says that a lost day isn't seen" : "says nothing of backups"} where one was made by ${trigger} ${daysAgo} days ago`, async () => {
      {
        using catalog = openCatalog(line.environment["CATALOG_PATH"]!, base);
        const startedMs = line.nowMs - daysAgo * 86_400_000;
        const { id } = catalog.startMaintenance({ kind: "BACKUP", trigger, startedMs });
        catalog.endMaintenance(id, { endedMs: startedMs, outcome: "DONE", summary: "6 files", counts: {} });
      }
      await rm(join(base, "2025/11/01"), { recursive: true });
      const { status, text, said } = await line.run("verify");
      assert.equal(status, 0);
      assert.equal(/^remark BACKUP_UNAVAILABLE: .*a server makes one.*BACKUP_TO/m.test(text), isSaid, text);
      assert.equal(said.includes("the backup can't be asked what is gone"), isSaid, said);
    });

  for (const leavesFolder of [false, true])
    test(`finds an archive gone that is ${leavesFolder ? "an empty folder" : "missing"}, until it is back or rebuilt`, async () => {
      line.environment["BACKUP_TO"] = join(line.folder, "backup");
      assert.equal((await line.run("backup")).status, 0);
      const away = join(line.folder, "away");
      await rename(base, away);
      if (leavesFolder) await mkdir(base);
      const found: string[] = [];
      for (const args of [[], ["--repair"], ["--repair"]]) {
        const { status, text, said } = await line.run("verify", ...args);
        assert.equal(status, 1);
        assert.doesNotMatch(said, /--repair/);
        assert.match(
          text,
          /^DAMAGE ARCHIVE_GONE: .*any of the 3 days .* Is its disk mounted\?.* `restore` brings it back/m,
        );
        found.push(text);
      }
      assert.equal(new Set(found).size, 1, "it mends nothing, and the catalog knows its days still");
      const imported = await line.run("import", join(line.folder, "loose"));
      assert.equal(imported.status, 1);
      assert.match(
        imported.said,
        /The archive is gone from its place.*Is its disk mounted\?.*`rebuild` begins it anew/,
      );
      assert.deepEqual(leavesFolder ? await readdir(base) : existsSync(base), leavesFolder ? [] : false);
      const list = await line.run("list");
      assert.deepEqual([list.status, list.text], [1, ""]);
      await rm(base, { recursive: true, force: true });
      await rename(away, base);
      assert.equal((await line.run("verify")).status, 0);
      await rm(base, { recursive: true });
      delete line.environment["BACKUP_TO"];
      assert.equal((await line.run("rebuild")).status, 0, "whoever deleted all says so");
      assert.deepEqual([(await line.run("verify")).status, (await line.run("list")).status], [0, 0]);
      assert.equal((await line.run("import", join(line.folder, "loose"))).status, 0);
    });

  test("ends with status 0 over remarks alone", async () => {
    await writeFile(join(base, "2025/11/01/notes.txt"), "mine");
    assert.equal((await line.run("verify")).status, 0);
  });
});

describe("verify --repair", () => {
  test("puts a damaged picture into the quarantine, and says that no copy is to be had", async () => {
    const rotten = await flip(picture);
    const { status, text } = await line.run("verify", "--repair");
    assert.equal(status, 1);
    assert.match(text, /lies in quarantine\/.*there is no good copy of it/);
    assert.deepEqual(await readFile(join(base, "quarantine", picture)), rotten);
  });

  for (const encrypted of [false, true])
    test(`takes the picture from the ${encrypted ? "encrypted " : ""}backup, byte for byte`, async () => {
      line.environment["BACKUP_TO"] = join(line.folder, "backup");
      const identity = await generateIdentity();
      if (encrypted) line.environment["BACKUP_AGE_RECIPIENT"] = await identityToRecipient(identity);
      assert.equal((await line.run("backup")).status, 0);
      const whole = await contentsOf(base);
      const rotten = await flip(picture);
      if (encrypted) {
        const file = join(line.folder, "key.txt");
        await writeFile(file, `# created today\n${identity}\n`);
        line.environment["BACKUP_AGE_IDENTITY_FILE"] = file;
      }

      const { status, text, said } = await line.run("verify", "--repair", "--json");
      assert.equal(status, 0, said);
      const { damaged, repaired } = JSON.parse(text) as { damaged: number; repaired: number };
      assert.deepEqual([damaged, repaired], [1, 1]);
      assert.deepEqual(await contentsOf(base), whole);
      assert.deepEqual(await readFile(join(base, "quarantine", picture)), rotten);
      const again = await line.run("verify");
      assert.deepEqual([again.status, again.text], [0, ""]);
    });

  test("brings back a day of which no file is left, byte for byte", async () => {
    line.environment["BACKUP_TO"] = join(line.folder, "backup");
    assert.equal((await line.run("backup")).status, 0);
    const whole = await contentsOf(base);
    await rm(join(base, "2025/11/02"), { recursive: true });
    const found = await line.run("verify");
    assert.equal(found.status, 1);
    assert.match(found.text, /^DAMAGE 2025-11-02 DAY_LOST: All files of the day are gone, and the backup has them$/m);
    assert.equal((await line.run("verify", "--repair")).status, 0);
    assert.deepEqual(await contentsOf(base), whole);
    assert.equal((await line.run("verify")).text, "");
  });

  test("brings back a day that was backed up before anybody had read it, as those of an old tree, and a backup asks for just that", async () => {
    line.environment["BACKUP_TO"] = join(line.folder, "backup");
    const names = ["2025-11-01", "2025-11-02", "2025-11-03"].map((day) => `etna_${day.replaceAll("-", "")}`);
    for (const name of names) await rm(join(base, `2025/11/${name.slice(-2)}/${name}.json`));
    assert.equal((await line.run("backup")).status, 0);
    const whole = await readFile(join(base, "2025/11/02/etna_20251102.png"));
    await rm(join(base, "2025/11/02"), { recursive: true });
    assert.match((await line.run("backup")).said, /^2025\/11\/02: .* `verify --repair` brings it back$/m);
    const found = await line.run("verify");
    assert.equal(found.status, 1, found.text);
    assert.match(found.text, /^DAMAGE 2025-11-02 DAY_LOST: All files of the day are gone, and the backup has them$/m);
    assert.equal((await line.run("verify", "--repair")).status, 0);
    assert.deepEqual(await readFile(join(base, "2025/11/02/etna_20251102.png")), whole);
    assert.equal((await line.run("backup")).status, 0);
    assert.equal((await line.run("verify")).status, 0);
  });

  test("brings back an archive of which no day is left, byte for byte", async () => {
    line.environment["BACKUP_TO"] = join(line.folder, "backup");
    assert.equal((await line.run("backup")).status, 0);
    const whole = await contentsOf(base);
    await rm(join(base, "2025"), { recursive: true });
    const { status, text } = await line.run("verify", "--repair");
    assert.equal(status, 0, text);
    assert.equal(text.match(/^mended .* DAY_LOST: /gm)?.length, 3, text);
    assert.deepEqual(await contentsOf(base), whole);
    assert.equal((await line.run("verify")).text, "");
  });

  test("brings back a record that is gone from the backup, which knows where its picture came from", async () => {
    line.environment["BACKUP_TO"] = join(line.folder, "backup");
    assert.equal((await line.run("backup")).status, 0);
    const whole = await contentsOf(base);
    await rm(join(base, "2025/11/02/etna_20251102.json"));
    await line.run("list"); // the catalog forgets it
    assert.match((await line.run("verify", "--repair")).text, /^mended 2025-11-02 .* RECORD_MISSING/m);
    assert.deepEqual(await contentsOf(base), whole);
  });

  test("brings back a day out of a backup that has lost its manifests", async () => {
    const backup = (line.environment["BACKUP_TO"] = join(line.folder, "backup"));
    assert.equal((await line.run("backup")).status, 0);
    const whole = await contentsOf(base);
    await rm(join(backup, "manifests"), { recursive: true });
    await rm(join(base, "2025/11/02"), { recursive: true });
    assert.match((await line.run("verify", "--repair")).text, /^mended 2025-11-02 DAY_LOST/m);
    assert.deepEqual(await contentsOf(base), whole);
  });

  test("says that an encrypted copy can't be read without the identity, and loses nothing", async () => {
    line.environment["BACKUP_TO"] = join(line.folder, "backup");
    line.environment["BACKUP_AGE_RECIPIENT"] = await identityToRecipient(await generateIdentity());
    assert.equal((await line.run("backup")).status, 0);
    const rotten = await flip(picture);
    const { status, text } = await line.run("verify", "--repair");
    assert.equal(status, 1);
    assert.match(
      text,
      /there is no good copy of it \(.* is encrypted: an age identity is needed to read it \(BACKUP_AGE_IDENTITY_FILE\)\)/,
    );
    const kept = [join(base, picture), join(base, "quarantine", picture)].map((path) => readFile(path).catch(() => ""));
    assert.ok(
      (await Promise.all(kept)).some((bytes) => rotten.equals(Buffer.from(bytes))),
      text,
    );
  });
});

describe("verify --repair mends the oldest picture, though it couldn't before,", () => {
  beforeEach(async () => {
    line.environment["BACKUP_TO"] = join(line.folder, "backup");
  });

  async function mendsLater(bringBack: () => unknown): Promise<void> {
    assert.equal((await line.run("verify", "--repair")).status, 1);
    const { status, text } = await line.run("verify");
    assert.deepEqual([status, text.match(/^DAMAGE .*PICTURE_DAMAGED/gm)?.length], [1, 1], text);
    await bringBack();
    assert.match((await line.run("verify", "--repair")).text, /^mended 2025-11-01 .*PICTURE_DAMAGED/m);
    assert.equal((await line.run("verify")).status, 0);
  }

  test("once the identity is at hand", async () => {
    const identity = await generateIdentity();
    line.environment["BACKUP_AGE_RECIPIENT"] = await identityToRecipient(identity);
    assert.equal((await line.run("backup")).status, 0);
    await flip("2025/11/01/etna_20251101.png");
    await mendsLater(() => (line.environment["BACKUP_AGE_IDENTITY"] = identity));
  });

  test("once the backup's disk is mounted", async () => {
    assert.equal((await line.run("backup")).status, 0);
    await flip("2025/11/01/etna_20251101.png");
    const [mounted, away] = [join(line.folder, "backup"), join(line.folder, "away")];
    await rename(mounted, away);
    await mkdir(mounted);
    await mendsLater(async () => {
      await rm(mounted, { recursive: true });
      await rename(away, mounted);
    });
  });
});

describe("a damaged picture of which no copy is good", () => {
  const oldest = "2025/11/01/etna_20251101.png";
  const aside = () => join(base, "quarantine", oldest);
  const told = async (command: readonly string[] = ["verify"]) => {
    const { status, text } = await line.run(...(command as [string]));
    return [status, ...(text.match(/^DAMAGE .*$/gm) ?? [])].join(" ");
  };

  for (const { name, isRecordLost, tells } of [
    { name: "is told of its day", isRecordLost: false, tells: /^1 DAMAGE 2025-11-01 .*json PICTURE_MISSING: / },
    {
      name: "is told of its day, though nothing else is left of that",
      isRecordLost: true,
      tells: /^1 DAMAGE 2025-11-01 DAY_LOST: /,
    },
  ])
    test(`goes to the quarantine, and ${name} until somebody takes it from there`, async () => {
      const rotten = await flip(oldest);
      if (isRecordLost) await rm(join(base, oldest.replace("png", "json")));
      assert.match(await told(["verify", "--repair"]), /^1 DAMAGE .*PICTURE_DAMAGED/);
      assert.deepEqual(await readFile(aside()), rotten);
      for (const command of [["verify"], ["verify", "--repair"], ["verify"]]) assert.match(await told(command), tells);
      await rm(aside());
      assert.equal(await told(), "0");
    });

  test("goes there, too, where that in the backup is damaged as well, and another copy brings it back", async () => {
    line.environment["BACKUP_TO"] = join(line.folder, "backup");
    assert.equal((await line.run("backup")).status, 0);
    const whole = await contentsOf(base);
    const rotten = await flip(oldest);
    await writeFile(join(line.folder, "backup", oldest), "no picture");
    assert.match(
      await told(["verify", "--repair"]),
      /^1 DAMAGE .*PICTURE_DAMAGED.*; it lies in quarantine\/.*damaged in the backup/,
    );
    assert.deepEqual(await readFile(aside()), rotten);
    assert.match(
      await told(),
      /^1 DAMAGE 2025-11-01 .*PICTURE_MISSING: The day's picture is gone; a damaged one lies in quarantine/,
    );
    assert.equal((await line.run("import", join(line.folder, "loose"))).status, 0);
    assert.deepEqual(await contentsOf(base), whole);
    assert.equal(await told(), "0");
  });

  test("isn't missed once retention lets the pictures of its time go", async () => {
    await flip(oldest);
    assert.match(await told(["verify", "--repair"]), /^1 /);
    line.environment["ARCHIVE_RETENTION_DAYS"] = "2";
    assert.equal(await told(), "0");
  });

  test("isn't missed, once a good one was there again and went with others to a retention that was shorter then", async () => {
    const rotten = await flip(oldest);
    const good = join(line.folder, "loose");
    assert.match(await told(["verify", "--repair"]), /^1 /);
    assert.equal((await line.run("import", good)).status, 0);
    assert.equal((await line.run("cleanup", "--retention-days", "2")).status, 0);
    assert.deepEqual((await line.run("list")).text.match(/^2025-\d\d-\d\d/gm), ["2025-11-03"]);
    assert.deepEqual(await readFile(aside()), rotten);
    assert.equal(await told(), "0");
  });

  test("is told to be out of sight where the quarantine can't be read", async () => {
    await writeFile(join(base, "quarantine"), "no folder");
    assert.match(await told(), /^1 DAMAGE quarantine UNREADABLE: What lies there can't be told: .*ENOTDIR/);
  });
});

describe("days that retention took whole, told as lost once their series are to be kept,", () => {
  beforeEach(async () => {
    line.environment["BACKUP_TO"] = join(line.folder, "backup");
    assert.equal((await line.run("backup")).status, 0);
    line.environment["ARCHIVE_RETENTION_DAYS"] = "2";
    line.environment["ARCHIVE_KEEP_SERIES"] = "false";
    assert.equal((await line.run("cleanup")).status, 0);
    assert.equal((await line.run("verify")).text, "");
    line.environment["ARCHIVE_KEEP_SERIES"] = "true";
    assert.deepEqual((await line.run("verify")).text.match(/^DAMAGE \S+ DAY_LOST/gm), [
      "DAMAGE 2025-11-01 DAY_LOST",
      "DAMAGE 2025-11-02 DAY_LOST",
    ]);
  });

  test("get their records back from a repair", async () => {
    assert.equal((await line.run("verify", "--repair")).status, 0);
    assert.deepEqual(Object.keys(await contentsOf(base)), [
      "2025/11/01/etna_20251101.json",
      "2025/11/02/etna_20251102.json",
      "2025/11/03/etna_20251103.json",
      "2025/11/03/etna_20251103.png",
    ]);
    assert.equal((await line.run("verify")).text, "");
  });

  test("are let go for good by a last backup that prunes as retention did", async () => {
    line.environment["ARCHIVE_KEEP_SERIES"] = "false";
    assert.match((await line.run("backup", "--prune")).said, /4 let go/);
    line.environment["ARCHIVE_KEEP_SERIES"] = "true";
    assert.deepEqual([(await line.run("verify")).status, (await line.run("verify")).text], [0, ""]);
  });
});

describe("a lost record", () => {
  let record: string;
  beforeEach(async () => {
    const file = join(line.folder, "plot.png");
    const day = Day.parse("2025-11-02");
    for await (const { png } of demoPlots({ from: day, to: day, sourceUrl: "" })) await writeFile(file, png);
    assert.equal((await line.run("archive", "--file", file, "--date", day, "--force")).status, 0);
    record = join(base, "2025/11/02/etna_20251102.json");
  });

  for (const work of [["rebuild"], ["cleanup", "--retention-days", "2"]])
    test(`is taken from the backup by ${work[0]}, byte for byte`, async () => {
      line.environment["BACKUP_TO"] = join(line.folder, "backup");
      assert.equal((await line.run("backup")).status, 0);
      const whole = await readFile(record);
      await rm(record);
      assert.equal((await line.run(...work)).status, 0);
      assert.deepEqual(await readFile(record), whole);
    });

  test("is read from its picture where the backup can't be had", async () => {
    line.environment["BACKUP_TO"] = join(line.folder, "backup");
    await rm(record);
    assert.equal((await line.run("rebuild")).status, 0);
    assert.equal((JSON.parse(await readFile(record, "utf8")) as { source?: unknown }).source, undefined);
  });
});
