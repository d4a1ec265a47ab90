/** The REST routes as one Hono app. */
import { OpenAPIHono } from "@hono/zod-openapi";
import { createMiddleware } from "hono/factory";
import { refusal } from "../answer.ts";
import { refused, type Auth } from "../auth.ts";
import { Unauthenticated } from "../../model/errors.ts";
import { codedErrorAnswer, errorAnswer } from "../errors.ts";
import { addDataRoute } from "./data.ts";
import { addGraphRoute } from "./graph.ts";
import { addListRoute } from "./list.ts";
import { addOpenApi } from "./openapi.ts";
import { addTremorRoute, TREMOR_PATH } from "./tremor.ts";
import { give, type RestApp, type RestEnv, type RestParts } from "./route.ts";

/** Whoever has a signed URL has been given it, and has no token to send. */
const BAD_LINK = 'This link isn\'t whole or has expired: ask for a new one, or send "Authorization: Bearer TOKEN"';

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
    const answer = c.req.path === TREMOR_PATH ? codedErrorAnswer : errorAnswer;
    const isLink = access === "anonymous" && c.req.query("signature") !== undefined;
    const error = isLink ? new Unauthenticated(BAD_LINK) : refused(access, "Reading");
    return give(c, answer(error, "Reading is closed", c.env.log));
  });
  app.use("/api/*", check);
  app.use("/metrics", check);
}

function isSigned({ pathname, searchParams }: URL, auth: Auth, nowMs: number): boolean {
  const day = /^\/api\/archives\/graph\/(?<day>[^/]+)$/.exec(pathname)?.groups?.["day"];
  return day !== undefined && auth.isSigned(day, searchParams, nowMs);
}
