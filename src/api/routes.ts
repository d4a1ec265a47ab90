/** All routes in one place: REST, GraphQL, health, metrics and the web page. */
import type { Auth } from "./auth.ts";
import type { Exchange } from "./exchange.ts";
import { createGraphiQLPage } from "./graphql/graphiql.ts";
import { createGraphQLHandler, GRAPHQL_PATH } from "./graphql/server.ts";
import { addHealthRoutes } from "./health.ts";
import { addMetricsRoute, type Metrics } from "./metrics.ts";
import { createPictures } from "./pictures.ts";
import { createRestApp } from "./rest/app.ts";
import { allowOnlyGet, respond } from "./rest/route.ts";
import type { Services } from "./services.ts";
import { createWebPage } from "./web-page.ts";

/** Answers through `exchange.answer`; where that stays undefined, it returns a stream. */
export type Routes = (request: Request, exchange: Exchange) => Response | undefined | Promise<Response | undefined>;

export function createRoutes(services: Services, auth: Auth, metrics: Metrics): Routes {
  const parts = { services, auth, getPicture: createPictures(services.archive) };
  const app = createRestApp(parts);
  addHealthRoutes(app, services);
  addMetricsRoute(app, metrics);
  const getPage = createGraphiQLPage(services.clock);
  app.get(GRAPHQL_PATH, (c) => respond(c, "Failed to show GraphiQL", () => getPage(c.req.header("accept-encoding"))));
  const { getPage: getWebPage, getAsset } = createWebPage(services.settings.webFolder);
  app.get("/", (c) => respond(c, "Failed to show the page", () => getWebPage(c.req.header("accept-encoding"))));
  allowOnlyGet(app, "/");
  app.get("/assets/:name", (c) =>
    respond(c, "Failed to show the page", () => getAsset(c.req.param("name"), c.req.header("accept-encoding"))),
  );
  allowOnlyGet(app, "/assets/:name");

  const answerGraphQL = createGraphQLHandler(parts);
  return (request, exchange) =>
    exchange.path === GRAPHQL_PATH && !isBrowserAtGraphiQL(request)
      ? answerGraphQL(request, exchange)
      : app.fetch(request, exchange);
}

/** A browser that opens the address asks for a page; programs and GraphiQL itself ask for JSON or events. */
function isBrowserAtGraphiQL({ method, headers }: Request): boolean {
  return method === "GET" && headers.get("accept")?.includes("text/html") === true;
}
