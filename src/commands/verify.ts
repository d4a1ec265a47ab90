/** `verify`: is all that is kept as it was written? */
import { InvalidArgumentError } from "commander";
import { formatInstant } from "../api/instants.ts";
import { isDamage, type Finding } from "../archive/findings.ts";
import { summarize } from "../jobs/verify.ts";
import type { AddCommand } from "./context.ts";
import { openForCommand } from "./open.ts";
import { nothingKept, printJson } from "./output.ts";
import { startProgress } from "./progress.ts";
import { stopSignal } from "./until-stopped.ts";

interface Options {
  repair?: boolean;
  mbPerSecond?: number;
  json?: boolean;
}

export const add: AddCommand = (program, context, end) => {
  program
    .command("verify")
    .description("check every picture, record and the catalog; exit status 1 when damage is left")
    .option("--repair", "mend what can be had again, and move what is damaged to quarantine/")
    .option("--mb-per-second <n>", "read no faster than this (default: as fast as it goes)", rateArgument)
    .option("--json", "print the result as JSON")
    .action(async ({ repair = false, mbPerSecond, json }: Options) => {
      const { app, config } = await openForCommand(context, { eager: true });
      await using _closing = app;
      using progress = await startProgress("Verifying", context);
      const { verified, run } = await app.verify.verify("COMMAND", {
        repair,
        bytesPerSecond: mbPerSecond === undefined ? undefined : mbPerSecond * 1e6,
        onProgress: progress.update,
        signal: stopSignal(),
      });
      const { problems, summary } = summarize(verified);
      if (problems) end(1);
      if (json) {
        const { findings, ...counts } = verified;
        const [startedAt, endedAt] = [run.startedMs, run.endedMs ?? run.startedMs].map(formatInstant);
        return printJson(context.out, { startedAt, endedAt, ...counts, findings: findings.map(findingJson) });
      }
      for (const finding of verified.findings) context.out.write(`${line(finding)}\n`);
      context.say(summary);
      if (verified.days === 0 && !problems) context.say(nothingKept(config));
      const isGone = verified.findings.some(({ kind }) => kind === "ARCHIVE_GONE");
      if (problems && !repair && !isGone)
        context.say("`verify --repair` mends what can be had again, from BACKUP_TO as well");
    });
};

/** `DAMAGE 2025-11-04 2025/11/04/etna_20251104.png PICTURE_DAMAGED: …` */
function line(finding: Finding): string {
  const { kind, day, file, message, repaired } = finding;
  const grade = isDamage(finding) ? (repaired ? "mended" : "DAMAGE") : repaired ? "mended" : "remark";
  return [grade, day, file, `${kind}: ${message}`].filter((part) => part !== undefined).join(" ");
}

/** `Finding` */
function findingJson(finding: Finding) {
  const { kind, day, file, message, repaired } = finding;
  return { kind, damage: isDamage(finding), date: day ?? null, file: file ?? null, message, repaired };
}

function rateArgument(text: string): number {
  const rate = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || rate <= 0)
    throw new InvalidArgumentError(`Found ${text}; a number above 0 is needed.`);
  return rate;
}
