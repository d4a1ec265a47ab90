/** Looking whether all that is kept is whole, when an admin says so. */
import type { Finding, FindingKind } from "../../archive/findings.ts";
import type { MaintenanceRun } from "../../catalog/maintenance-runs.ts";
import type { Verified } from "../../jobs/verified.ts";
import { InvalidRequest, ShutDown, StoreFailed } from "../../model/errors.ts";
import { builder } from "./builder.ts";
import { MaintenanceRunRef } from "./maintenance-runs.ts";

const KINDS: Record<FindingKind, { description: string }> = {
  ARCHIVE_GONE: {
    description: "Damage: the archive is gone from its place, as where its disk isn't mounted.",
  },
  PICTURE_DAMAGED: { description: "Damage: not the picture that its record names, or no whole PNG." },
  PICTURE_MISSING: { description: "Damage: its record is there, and no retention explains that it isn't." },
  DAY_LOST: {
    description:
      "Damage: no file of the day is there and no retention explains that; the backup has them, or quarantine a damaged one.",
  },
  DAY_BEHIND: {
    description: "Damage: the backup has a later plot, as where a disk has lost its last writes.",
  },
  GZIP_DAMAGED: { description: "Damage: the picture inside is whole, but the gzip isn't as it was written." },
  RECORD_DAMAGED: { description: "Damage: not as it was written, or of a wrong form." },
  CATALOG_DAMAGED: { description: "Damage: a row isn't what the day's files say, or the file isn't sound." },
  UNREADABLE: { description: "Damage: the system can't read it." },
  BACKUP_UNAVAILABLE: {
    description: "Remark: the backup can't tell which days there should be, so that a lost one may not be seen.",
  },
  DAY_MISSING: { description: "Remark: days between the first and the last without any file, of which nothing tells." },
  DAY_TO_COME: { description: "Remark: a day that hasn't come yet; a clock was ahead when its picture was kept." },
  TWO_PICTURES: { description: "Remark: a .png and a .png.gz of one day; the newer one is the archive." },
  RECORD_MISSING: { description: "Remark: a picture that was never read." },
  RECORD_BEHIND: { description: "Remark: a picture that is newer than its record." },
  RECORD_NEWER: { description: "Remark: a record of a newer version of this program." },
  CATALOG_BEHIND: { description: "Remark: the catalog hasn't read some files yet." },
  PLOT_SET_ASIDE: { description: "Remark: a plot that takes no part in the tremor record." },
  FOREIGN_FILE: { description: "Remark: not of our names, and left alone." },
  LEFTOVER: { description: "Remark: a temporary file of a writer that was stopped." },
};

const FindingKindType = builder.enumType("FindingKind", { values: KINDS });

const FindingRef = builder.objectRef<Finding>("Finding").implement({
  description: "What a verification says of one file or one day.",
  fields: (t) => ({
    kind: t.expose("kind", { type: FindingKindType }),
    date: t.field({
      type: "Date",
      nullable: true,
      description: "Null where it concerns no single day.",
      resolve: ({ day }) => day,
    }),
    file: t.exposeString("file", {
      nullable: true,
      description: "From the base path on; null where it concerns no file.",
    }),
    message: t.exposeString("message", { description: "In words." }),
    repaired: t.exposeBoolean("repaired", { description: "Was it mended?" }),
  }),
});

const MOST_FINDINGS = 1000;

const VerifySuccess = builder.objectRef<{ run: MaintenanceRun; verified: Verified }>("VerifySuccess").implement({
  description: "The archive was looked at from its first file to its last.",
  fields: (t) => ({
    run: t.expose("run", { type: MaintenanceRunRef, description: "Its entry in the history." }),
    days: t.int({ description: "Days that have any file.", resolve: ({ verified }) => verified.days }),
    pictures: t.int({ resolve: ({ verified }) => verified.pictures }),
    records: t.int({ resolve: ({ verified }) => verified.records }),
    bytes: t.float({ description: "Bytes on disk that were read.", resolve: ({ verified }) => verified.bytes }),
    damaged: t.int({ description: "Findings that are damage.", resolve: ({ verified }) => verified.damaged }),
    repaired: t.int({ description: "Of these, how many were mended.", resolve: ({ verified }) => verified.repaired }),
    findings: t.field({
      type: [FindingRef],
      description: `By day, damage and remarks; those of no day first. At most ${MOST_FINDINGS}.`,
      args: { first: t.arg.int({ required: true, defaultValue: 100, description: "How many of them." }) },
      complexity: ({ first }) => ({ field: 1, multiplier: Math.max(0, Math.min(first, MOST_FINDINGS)) }),
      resolve: ({ verified }, { first }) => {
        if (first < 0 || first > MOST_FINDINGS)
          throw new InvalidRequest(`first is ${first}, use 0 to ${MOST_FINDINGS}`);
        return verified.findings.slice(0, first);
      },
    }),
  }),
});

const VerifyInput = builder.inputType("VerifyInput", {
  fields: (t) => ({
    repair: t.boolean({
      required: true,
      defaultValue: false,
      description: "Mend what can be had again, and move what is damaged to the quarantine. Nothing is deleted.",
    }),
  }),
});

builder.mutationField("verify", (t) =>
  t.field({
    type: VerifySuccess,
    description:
      "Reads every file and compares the catalog with them; takes as long as the server's budget of bytes a second needs. Beside a verification that is under way it joins that one.",
    args: { input: t.arg({ type: VerifyInput }) },
    errors: { types: [StoreFailed, ShutDown], union: { name: "VerifyResult" } },
    resolve: (_mutation, { input }, { services }) => services.verify({ repair: input?.repair ?? false }),
  }),
);
