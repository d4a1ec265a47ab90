/** /healthz: the process answers. /readyz: the archive can be written to, the catalog is sound and kept up to date. */
import { setTimeout as pause } from "node:timers/promises";
import { whyEmptied } from "../jobs/emptied.ts";
import { jsonAnswer } from "./answer.ts";
import { logError } from "./errors.ts";
import { allowOnlyGet, respond, type RestApp } from "./rest/route.ts";
import type { Services } from "./services.ts";

/** Trying the store writes to it, so that anybody's questions mustn't do it each time. */
const VERDICT_LASTS_MS = 5000;
/** Where each try is paid for, a good one lasts longer: who follows the store notices its failures sooner anyway. */
const SHARED_VERDICT_LASTS_MS = 30_000;

/** A load balancer that waits longer than a second for this takes the server for dead. */
const PATIENCE_MS = 800;

export function addHealthRoutes(app: RestApp, services: Services): void {
  const storeProblem = createStoreCheck(services);
  app.get("/healthz", (c) => respond(c, "Not healthy", () => jsonAnswer(200, { ok: true })));
  app.get("/readyz", (c) =>
    respond(c, "Not ready", async () => {
      const { cluster } = services;
      const store =
        cluster === undefined ? await storeProblem() : (cluster.storeProblem() ?? (await soon(storeProblem())));
      // All servers share that store: with this one out of rotation, so would be every other.
      const isServedAnyway = store !== undefined && cluster !== undefined;
      const problems = [isServedAnyway ? undefined : store, catalogProblem(services)].filter(
        (problem) => problem !== undefined,
      );
      if (problems.length > 0) return jsonAnswer(503, { ok: false, problems });
      return jsonAnswer(
        200,
        isServedAnyway ? { ok: true, degraded: [`${store}; reads come from this server's cache`] } : { ok: true },
      );
    }),
  );
  allowOnlyGet(app, "/healthz");
  allowOnlyGet(app, "/readyz");
}

/** A store that others share is a network away, and may not answer at all. */
async function soon(verdict: Promise<string | undefined>): Promise<string | undefined> {
  const patience = new AbortController();
  const late = pause(PATIENCE_MS, "The archive doesn't answer", { signal: patience.signal }).catch(() => undefined);
  try {
    return await Promise.race([verdict, late]);
  } finally {
    patience.abort();
  }
}

function createStoreCheck({ archive, catalog, cluster, clock, log }: Services): () => Promise<string | undefined> {
  let verdict: Promise<string | undefined> | undefined;
  let lastsMs = VERDICT_LASTS_MS;
  let askedMs = Number.NEGATIVE_INFINITY;
  const ask = async (): Promise<string | undefined> => {
    lastsMs = VERDICT_LASTS_MS;
    try {
      const emptied = await whyEmptied({ archive, catalog });
      if (emptied !== undefined) return emptied;
      await archive.checkWritable();
      if (cluster !== undefined) lastsMs = SHARED_VERDICT_LASTS_MS;
      return undefined;
    } catch (error) {
      logError(log, error, "The archive can't be written to");
      return "The archive can't be written to";
    }
  };
  return () => {
    const nowMs = clock();
    if (verdict === undefined || Math.abs(nowMs - askedMs) >= lastsMs) {
      verdict = ask();
      askedMs = nowMs;
    }
    return verdict;
  };
}

/** A catalog that can't be relied on can't tell of the schedule either. */
function catalogProblem(services: Services): string | undefined {
  const { catalog } = services;
  try {
    return catalog.problem() ?? scheduleProblem(services);
  } catch (error) {
    if (catalog.problem() === undefined) throw error;
    return catalog.problem();
  }
}

function scheduleProblem({ schedule, catalog }: Services): string | undefined {
  const dueSinceMs = schedule.successDueSinceMs();
  if (dueSinceMs === undefined || (catalog.lastSuccess()?.startedMs ?? 0) >= dueSinceMs) return undefined;
  return "The last successful run is over two periods old";
}
