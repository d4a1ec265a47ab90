/** GET /api/archives/graph/{date}: the day's picture, byte for byte as it was published. */
import { createRoute, z } from "@hono/zod-openapi";
import { dayOf, type Day } from "../../model/day.ts";
import { DayNotFound } from "../../model/errors.ts";
import type { Answer } from "../answer.ts";
import { formatHttpDate } from "../http-date.ts";
import type { Picture } from "../pictures.ts";
import { allowOnlyGet, respond, type RestApp, type RestParts } from "./route.ts";
import { DayPath, refusals, UNCHANGED } from "./schemas.ts";

const PNG = { "image/png": { schema: z.string().openapi({ type: "string", format: "binary" }) } };

const graphRoute = createRoute({
  method: "get",
  path: "/api/archives/graph/{date}",
  operationId: "getArchiveGraph",
  summary: "The picture of a day; conditional requests and byte ranges are honoured",
  request: { params: DayPath },
  responses: {
    200: {
      description: "The PNG's own bytes",
      content: PNG,
    },
    206: { description: "The bytes that were asked for", content: PNG },
    304: UNCHANGED,
    ...refusals(400, 401, 403, 404, 416, 500),
  },
});

/** A past day's picture changes no more, but it may be found damaged and mended. */
const PAST_DAY_SECONDS = 86_400;

export function addGraphRoute(app: RestApp, { services, auth, getPicture }: RestParts): void {
  const { catalog, clock } = services;
  app.openapi(graphRoute, (c) =>
    respond(c, "Failed to retrieve archive graph", async () => {
      const { date } = c.req.valid("param");
      const day = catalog.findDay(date);
      if (day === undefined) throw new DayNotFound(date);
      const picture = await getPicture(day);
      // A signed URL ends; its answer mustn't outlive it here.
      c.env.reusable = auth.mayRead(c.env.access);
      return pictureAnswer(date, picture, cacheControl(date, dayOf(clock()), auth.readsAreClosed));
    }),
  );
  allowOnlyGet(app, "/api/archives/graph/:date");
}

function cacheControl(day: Day, today: Day, isPrivate: boolean): string {
  const whose = isPrivate ? "private, " : "";
  return day < today ? `${whose}max-age=${PAST_DAY_SECONDS}` : `${whose}no-cache`;
}

function pictureAnswer(day: Day, { png, sha256, modifiedMs }: Picture, cacheControl: string): Answer {
  return {
    status: 200,
    headers: {
      "Content-Type": "image/png",
      "Content-Disposition": `inline; filename=etna_${day}.png`,
      "Cache-Control": cacheControl,
      ETag: `"${sha256}"`,
      "Last-Modified": formatHttpDate(modifiedMs),
      "Accept-Ranges": "bytes",
    },
    body: png,
  };
}
