/** All routes in one place: REST, GraphQL, health, metrics and the front page. */
import type { Auth } from "./auth.ts";
import type { Exchange } from "./exchange.ts";
import { frontPage } from "./front-page.ts";
import { createGraphiQLPage } from "./graphql/graphiql.ts";
import { createGraphQLHandler, GRAPHQL_PATH } from "./graphql/server.ts";
import { addHealthRoutes } from "./health.ts";
import { addMetricsRoute, type Metrics } from "./metrics.ts";
import { createPictures } from "./pictures.ts";
import { createRestApp } from "./rest/app.ts";
import { allowOnlyGet, respond, type RestApp } from "./rest/route.ts";
import type { Services } from "./services.ts";

/** Answers through `exchange.answer`; where that stays undefined, the Response is a stream. */
export type Routes = (request: Request, exchange: Exchange) => Response | Promise<Response>;

export function createRoutes(services: Services, auth: Auth, metrics: Metrics): Routes {
  const app = createRestApp({ services, auth, getPicture: createPictures(services.archive) });
  addHealthRoutes(app, services);
  addMetricsRoute(app, metrics);
  addGraphQLRoutes(app, services, auth);
  app.get("/", (c) => respond(c, "Failed to show the page", () => frontPage));
  allowOnlyGet(app, "/");
  return (request, exchange) => app.fetch(request, exchange);
}

function addGraphQLRoutes(app: RestApp, services: Services, auth: Auth): void {
  const answer = createGraphQLHandler(services, auth);
  const getPage = createGraphiQLPage();
  app.all(GRAPHQL_PATH, async (c) => {
    const isBrowser = c.req.method === "GET" && c.req.header("accept")?.includes("text/html") === true;
    if (isBrowser) {
      const acceptsGzip = /\bgzip\b/.test(c.req.header("accept-encoding") ?? "");
      return respond(c, "Failed to show GraphiQL", () => getPage(acceptsGzip));
    }
    return (await answer(c.req.raw, c.env)) ?? new Response(null);
  });
}
