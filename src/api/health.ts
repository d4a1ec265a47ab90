/** /healthz: the process answers. /readyz: the archive can be written to, and is kept up to date. */
import { jsonAnswer } from "./answer.ts";
import { logError } from "./errors.ts";
import { allowOnlyGet, respond, type RestApp } from "./rest/route.ts";
import type { Services } from "./services.ts";

export function addHealthRoutes(app: RestApp, services: Services): void {
  app.get("/healthz", (c) => respond(c, "Not healthy", () => jsonAnswer(200, { ok: true })));
  app.get("/readyz", (c) =>
    respond(c, "Not ready", async () => {
      const problems = [await storeProblem(services), scheduleProblem(services)].filter(
        (problem) => problem !== undefined,
      );
      return problems.length === 0 ? jsonAnswer(200, { ok: true }) : jsonAnswer(503, { ok: false, problems });
    }),
  );
  allowOnlyGet(app, "/healthz");
  allowOnlyGet(app, "/readyz");
}

async function storeProblem({ archive, log }: Services): Promise<string | undefined> {
  try {
    await archive.checkWritable();
    return undefined;
  } catch (error) {
    logError(log, error, "The archive can't be written to");
    return "The archive can't be written to";
  }
}

function scheduleProblem({ schedule, catalog }: Services): string | undefined {
  const dueSinceMs = schedule.successDueSinceMs();
  if (dueSinceMs === undefined || (catalog.lastSuccess()?.startedMs ?? 0) >= dueSinceMs) return undefined;
  return "The last successful run is over two periods old";
}
