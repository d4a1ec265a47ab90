/** `backup`: brings the backup up to date, or proves it. */
import { counted } from "../model/counted.ts";
import { openBackup } from "../open-backup.ts";
import { checkBackupAsRun, type BackedUp } from "../jobs/backup.ts";
import type { CheckedBackup } from "../archive/check-backup.ts";
import type { CopyProblem } from "../archive/prepare-copies.ts";
import type { AddCommand, CommandContext } from "./context.ts";
import { backedUpJson, checkedBackupJson } from "./json.ts";
import { openForCommand } from "./open.ts";
import { nothingKept, printJson } from "./output.ts";
import { startProgress } from "./progress.ts";
import { stopSignal } from "./until-stopped.ts";

interface Options {
  check?: boolean;
  repair?: boolean;
  prune?: boolean;
  startNew?: boolean;
  identityFile?: string;
  json?: boolean;
}

export const add: AddCommand = (program, context, end) => {
  program
    .command("backup")
    .description("send what is new or changed to BACKUP_TO, or prove what is there")
    .option("--check", "read all of the backup and hold it against its manifest; send nothing")
    .option("--repair", "after a check, send again what it found damaged or missing")
    .option("--prune", "let go of what retention took from the archive")
    .option("--start-new", "begin another backup where the one that was made is gone")
    .option("--identity-file <path>", "with --check: look into encrypted copies, too")
    .option("--json", "print the result as JSON")
    .action(async ({ check, repair, prune, startNew, identityFile, json }: Options) => {
      const { app, config } = await openForCommand(context, { eager: true });
      await using _closing = app;
      const { target, job, decipher } = await openBackup(app, config, { alone: true, identityFile });
      await using _job = job;
      const signal = stopSignal();
      let checked: CheckedBackup | undefined;
      if (check || repair) {
        using progress = await startProgress("Checking", context);
        checked = await checkBackupAsRun({ ...app.parts, target }, { decipher, signal, onProgress: progress.update });
        sayProblems(checked.problems, context);
        const extra = checked.unlistedFiles === 0 ? "" : `; ${checked.unlistedFiles} are in no manifest`;
        context.say(`${counted(checked.files, "file")} checked, ${checked.problems.length} with problems${extra}`);
        if (!repair && checked.problems.length > 0)
          context.say("`backup --check --repair` sends again what the archive has of them");
      }
      let backedUp: BackedUp | undefined;
      if (!check || repair) {
        using progress = await startProgress("Backing up", context);
        const suspects = new Set(checked?.problems.map(({ key }) => key));
        backedUp = await job.backUp("COMMAND", {
          prune: prune ?? false,
          startNew: startNew ?? false,
          suspects,
          signal,
          onProgress: progress.update,
        });
        sayProblems(backedUp.problems, context);
        context.say(sentence(backedUp));
        if (backedUp.files === 0 && backedUp.problems.length === 0) context.say(nothingKept(config));
      }
      if (json)
        printJson(context.out, {
          ...(checked && { check: checkedBackupJson(checked) }),
          ...(backedUp && { backup: backedUpJson(backedUp) }),
        });
      const wrong = backedUp ?? checked;
      if (wrong !== undefined && wrong.problems.length > 0) end(1);
    });
};

function sayProblems(problems: readonly CopyProblem[], { say }: CommandContext): void {
  for (const { key, message } of problems) say(`${key}: ${message}`);
}

function sentence({ sentFiles, sentBytes, unchangedFiles, keptFiles, prunedFiles, files }: BackedUp): string {
  return [
    `${counted(sentFiles, "file")} sent (${sentBytes} bytes)`,
    `${unchangedFiles} unchanged`,
    ...(prunedFiles > 0 ? [`${prunedFiles} let go`] : []),
    ...(keptFiles > 0 ? [`${keptFiles} kept that the archive has no more`] : []),
    `${files} in the backup`,
  ].join(", ");
}
