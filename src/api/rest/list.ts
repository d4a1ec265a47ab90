/** GET /api/archives/list: which days are archived, newest first. */
import { createRoute } from "@hono/zod-openapi";
import { revalidatedAnswer } from "../answer.ts";
import type { CatalogDay } from "../../catalog/days.ts";
import { formatModified } from "../instants.ts";
import { allowOnlyGet, respond, type RestApp, type RestParts } from "./route.ts";
import { ArchiveList, ListQuery, refusals, UNCHANGED, type ArchiveEntry } from "./schemas.ts";

const listRoute = createRoute({
  method: "get",
  path: "/api/archives/list",
  operationId: "listArchives",
  summary: "The archived days from start_date to end_date, newest first",
  request: { query: ListQuery },
  responses: {
    200: { description: "One entry a day", content: { "application/json": { schema: ArchiveList } } },
    304: UNCHANGED,
    ...refusals(400, 401, 403, 500),
  },
});

export function addListRoute(app: RestApp, { services }: RestParts): void {
  const { catalog, settings } = services;
  app.openapi(listRoute, (c) =>
    respond(c, "Failed to list archives", () => {
      const { start_date: from, end_date: to } = c.req.valid("query");
      const archives = catalog
        .listDays({ from, to, order: "NEWEST_FIRST" })
        .map((day) => toEntry(day, settings.displayBase));
      c.env.reusable = true;
      const list: ArchiveList = { ok: true, count: archives.length, archives };
      return revalidatedAnswer("application/json; charset=utf-8", JSON.stringify(list), { Vary: "Accept-Encoding" });
    }),
  );
  allowOnlyGet(app, listRoute.path);
}

function toEntry({ day, key, size, compressed, modifiedMs }: CatalogDay, displayBase: string): ArchiveEntry {
  return { date: day, path: `${displayBase}/${key}`, size, compressed, modified: formatModified(modifiedMs) };
}
