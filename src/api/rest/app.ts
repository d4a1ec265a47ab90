/** The REST routes as one Hono app. */
import { OpenAPIHono, z } from "@hono/zod-openapi";
import { createMiddleware } from "hono/factory";
import { refusal, revalidatedAnswer } from "../answer.ts";
import { refused, type Auth } from "../auth.ts";
import { errorAnswer } from "../errors.ts";
import { addDataRoute } from "./data.ts";
import { addGraphRoute } from "./graph.ts";
import { addListRoute } from "./list.ts";
import { addTremorRoute } from "./tremor.ts";
import { allowOnlyGet, give, respond, type RestApp, type RestEnv, type RestParts } from "./route.ts";

export function createRestApp(parts: RestParts): RestApp {
  const app: RestApp = new OpenAPIHono<RestEnv>({
    defaultHook: (result, c) => {
      if (result.success) return;
      c.env.route = c.req.routePath;
      return give(c, refusal(400, result.error.issues[0]?.message ?? "Invalid request"));
    },
  });
  requireReader(app, parts);
  addListRoute(app, parts);
  addGraphRoute(app, parts);
  addDataRoute(app, parts);
  addTremorRoute(app, parts);
  addOpenApi(app, parts);
  app.notFound((c) => give(c, refusal(404, "Not found")));
  app.onError((error, c) => give(c, errorAnswer(error, "Internal error", c.env.log)));
  return app;
}

/** Before a route looks at anything else, so that the answers to strangers tell nothing. */
function requireReader(app: RestApp, { services, auth }: RestParts): void {
  const check = createMiddleware<RestEnv>(async (c, next) => {
    const { access } = c.env;
    if (auth.mayRead(access) || isSigned(new URL(c.req.url), auth, services.clock())) return next();
    return give(c, errorAnswer(refused(access, "Reading"), "Reading is closed", c.env.log));
  });
  app.use("/api/*", check);
  app.use("/metrics", check);
}

function isSigned({ pathname, searchParams }: URL, auth: Auth, nowMs: number): boolean {
  const day = /^\/api\/archives\/graph\/(?<day>[^/]+)$/.exec(pathname)?.groups?.["day"];
  return day !== undefined && auth.isSigned(day, searchParams, nowMs);
}

const BESIDE_THE_API = [
  ["/healthz", "The server is alive", "application/json"],
  ["/readyz", "The archive can be written to and is kept up to date; else 503", "application/json"],
  ["/metrics", "Metrics for Prometheus", "text/plain"],
] as const;

function addOpenApi(app: RestApp, { services }: RestParts): void {
  const path = "/api/openapi.json";
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
  for (const [place, summary, type] of BESIDE_THE_API) {
    const responses = { 200: { description: summary, content: { [type]: { schema: z.unknown() } } } };
    app.openAPIRegistry.registerPath({ method: "get", path: place, summary, responses });
  }
  let text: string | undefined;
  app.get(path, (c) =>
    respond(c, "Failed to describe the API", () => {
      text ??= JSON.stringify(app.getOpenAPI31Document({ openapi: "3.1.0", info, security: [{}, { bearer: [] }] }));
      c.env.reusable = true;
      return revalidatedAnswer("application/json; charset=utf-8", text);
    }),
  );
  allowOnlyGet(app, path);
}
