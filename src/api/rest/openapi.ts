/** GET /api/openapi.json: the routes as OpenAPI, made from the schemas that validate them. */
import { z } from "@hono/zod-openapi";
import { revalidatedAnswer } from "../answer.ts";
import { allowOnlyGet, respond, type RestApp, type RestParts } from "./route.ts";
import { refusals, UNCHANGED } from "./schemas.ts";

const PATH = "/api/openapi.json";

const answer = (description: string, type: string, schema: z.ZodType) => ({
  description,
  content: { [type]: { schema } },
});
const Alive = z.object({ ok: z.literal(true) });
const Ready = Alive.extend({
  degraded: z.array(z.string()).optional().openapi({
    description: "What is wrong with a store that other servers share, while reads are answered all the same",
  }),
});
const NotReady = z.object({ ok: z.literal(false), problems: z.array(z.string()) });

/** What takes nothing that needs a schema to validate it. */
const BESIDE_THE_ARCHIVE = [
  {
    path: PATH,
    operationId: "getOpenApi",
    summary: "This document",
    responses: {
      200: answer("The document", "application/json", z.looseObject({})),
      304: UNCHANGED,
      ...refusals(401, 403),
    },
  },
  {
    path: "/healthz",
    operationId: "getHealth",
    summary: "The server is alive",
    responses: { 200: answer("It is", "application/json", Alive) },
  },
  {
    path: "/readyz",
    operationId: "getReadiness",
    summary: "The archive can be written to and is kept up to date",
    responses: {
      200: answer("It is", "application/json", Ready),
      503: answer("It isn't", "application/json", NotReady),
    },
  },
  {
    path: "/metrics",
    operationId: "getMetrics",
    summary: "Metrics for Prometheus",
    responses: { 200: answer("Its text format", "text/plain", z.string()), ...refusals(401, 403) },
  },
] as const;

export function addOpenApi(app: RestApp, { services }: RestParts): void {
  const info = {
    title: "etna-archive",
    version: services.settings.version,
    description:
      "INGV's daily plot of Mt Etna's volcanic tremor, as archived, and the numbers read in it. All times are UTC.",
  };
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    description: "Needed only where the server is set to ask who reads for a token.",
  });
  for (const route of BESIDE_THE_ARCHIVE) app.openAPIRegistry.registerPath({ method: "get", ...route });
  let text: string | undefined;
  app.get(PATH, (c) =>
    respond(c, "Failed to describe the API", () => {
      text ??= JSON.stringify(app.getOpenAPI31Document({ openapi: "3.1.0", info, security: [{}, { bearer: [] }] }));
      c.env.reusable = true;
      return revalidatedAnswer("application/json; charset=utf-8", text);
    }),
  );
  allowOnlyGet(app, PATH);
}
