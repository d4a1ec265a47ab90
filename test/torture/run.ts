/**
 * The long form of what the suite does in short, counts as arguments:
 *
 *     npm run torture -- [PART...] [--processes 8] [--saves 200] [--kills 300] [--all-kills 1000] [--backup-kills 200]
 *                        [--restore-kills 100] [--flips 500] [--bitrot 1000]
 *     npm run torture -- s3 [--servers 6] [--seconds 40] [--ttl 3000]    leaders on a bucket; brings its own Ceph
 *
 * PART: a part of a torture's name, such as "bit rot"; default: all of them.
 */
import { parseArgs } from "node:util";
import { startCluster } from "../support/ceph.ts";
import { createBucket, placeIn } from "../support/s3-place.ts";
import { flippedBackups, killedBackups, killedRestores } from "./backups.ts";
import { bitrotInCatalog, bitrotInFiles } from "./bitrot.ts";
import { damageRandomly } from "./damage-kinds.ts";
import { killedWork } from "./everything.ts";
import { everyStepFails, fullDisk } from "./faults.ts";
import { killedLeaders } from "./s3-leaders.ts";
import { killedWriters, manyWriters, writersKilledAtEachCall } from "./writers.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    servers: { type: "string", default: "6" },
    seconds: { type: "string", default: "40" },
    ttl: { type: "string", default: "3000" },
    processes: { type: "string", default: "8" },
    saves: { type: "string", default: "200" },
    kills: { type: "string", default: "300" },
    bitrot: { type: "string", default: "1000" },
    "all-kills": { type: "string", default: "1000" },
    "backup-kills": { type: "string", default: "200" },
    "restore-kills": { type: "string", default: "100" },
    flips: { type: "string", default: "500" },
  },
});

const onFolder: Record<string, () => Promise<object>> = {
  "many writers": () => manyWriters({ processes: Number(values.processes), saves: Number(values.saves) }),
  "killed at each call": () => writersKilledAtEachCall(),
  "killed at random": () => killedWriters({ kills: Number(values.kills) }),
  "every step fails once": () => everyStepFails(),
  "a full disk": () => fullDisk(),
  "bit rot in files": () => bitrotInFiles({ flips: Number(values.bitrot) }),
  "sectors and files mixed up": () => bitrotInFiles({ flips: Number(values.bitrot), harm: damageRandomly }),
  "bit rot in the catalog": () => bitrotInCatalog({ flips: Math.ceil(Number(values.bitrot) / 5) }),
  "everything killed": () => killedWork({ kills: Number(values["all-kills"]) }),
  "backups killed": () => killedBackups({ kills: Number(values["backup-kills"]) }),
  "encrypted backups killed": () => killedBackups({ kills: Number(values["backup-kills"]), encrypted: true }),
  "restores killed": () => killedRestores({ kills: Number(values["restore-kills"]) }),
  "bits flipped in a backup": () => flippedBackups({ flips: Number(values.flips) }),
  "bits flipped in an encrypted backup": () => flippedBackups({ flips: Number(values.flips), encrypted: true }),
};
const onBucket: typeof onFolder = {
  async "leaders killed and stopped"() {
    await using cluster = await startCluster({ gateways: 2 });
    return await killedLeaders(placeIn(await createBucket(cluster), cluster), {
      servers: Number(values.servers),
      seconds: Number(values.seconds),
      ttlMs: Number(values.ttl),
    });
  },
};
const tortures = positionals.includes("s3") ? onBucket : onFolder;
const parts = positionals.filter((part) => part !== "s3");
for (const [name, torture] of Object.entries(tortures)) {
  if (parts.length > 0 && !parts.some((part) => name.includes(part))) continue;
  const startMs = performance.now();
  const figures = Object.entries(await torture()).map(([what, count]) => `${what} ${count}`);
  console.log(`${name}: whole. ${figures.join(", ")}; ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
}
