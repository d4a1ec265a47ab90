/** `get`: one day's picture, checked and decompressed. */
import { writeFile } from "node:fs/promises";
import type { Day } from "../model/day.ts";
import { InvalidRequest, StoreFailed } from "../model/errors.ts";
import type { AddCommand } from "./context.ts";
import { dayArgument } from "./day-argument.ts";
import { openArchiveForCommand } from "./open.ts";

export const add: AddCommand = (program, context) => {
  program
    .command("get")
    .description("write a day's picture to standard output or a file")
    .argument("<day>", "UTC day, YYYY-MM-DD", dayArgument)
    .option("-o, --output <file>", "write it here; - is standard output, a terminal's too")
    .action(async (day: Day, { output }: { output?: string }) => {
      if (output === undefined && context.out.isTTY)
        throw new InvalidRequest("A picture says nothing on a terminal: write it into a file with -o FILE, or a pipe");
      const archive = await openArchiveForCommand(context);
      const { png, sha256 } = await archive.get(day);
      if (output === undefined || output === "-") {
        await new Promise<void>((resolve, reject) =>
          context.out.write(png, (error) => (error ? reject(error) : resolve())),
        );
        return;
      }
      await writeFile(output, png).catch((error: NodeJS.ErrnoException) => {
        throw new StoreFailed(`Cannot write ${output}: ${error.code}`, { path: output, cause: error });
      });
      context.say(`${output}: ${png.length} bytes, sha256 ${sha256}`);
    });
};
