/** `serve`: fetches on schedule and answers GraphQL, REST and the page until it is told to stop. */
import { openApp, openServer } from "../app.ts";
import { parseConfig } from "../config.ts";
import { createLog } from "../log.ts";
import type { AddCommand } from "./context.ts";
import { untilStopped } from "./until-stopped.ts";

export const add: AddCommand = (program, context) => {
  program
    .command("serve")
    .description("fetch the plot on schedule and serve the archive, until SIGTERM, SIGINT or SIGHUP")
    .action(async () => {
      const { environment, clock, say } = context;
      const stopped = untilStopped();
      const config = parseConfig(environment);
      const log = await createLog(config.log);
      await using app = await openApp(config, { clock, log });
      await using server = await openServer(app, config, {
        onTokenMade: (token) => say(`No ADMIN_TOKEN is set; for this run it is ${token}`),
      });
      log.info({ url: server.url, archives: app.catalog.totals().archives }, "etna-archive is listening");
      log.info({ signal: await stopped }, "stopping");
    });
};
