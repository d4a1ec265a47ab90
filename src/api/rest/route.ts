/**
 * What every REST route does alike: it answers through its exchange, refuses in one form, and knows GET alone.
 */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { CatalogDay } from "../../catalog/days.ts";
import { refusal, type Answer } from "../answer.ts";
import type { Auth } from "../auth.ts";
import { errorAnswer } from "../errors.ts";
import type { Exchange } from "../exchange.ts";
import type { Picture } from "../pictures.ts";
import type { Services } from "../services.ts";

export interface RestEnv {
  Bindings: Exchange;
}
export type RestApp = OpenAPIHono<RestEnv>;

export interface RestParts {
  services: Services;
  auth: Auth;
  getPicture: (day: CatalogDay) => Promise<Picture>;
}

/** Hono answers HEAD through GET, and `deliver` drops the body. */
const ALLOW = "GET, HEAD, OPTIONS";

/**
 * Answers with what `make` makes, or with the refusal that its error asks for.
 * @param failure what the client reads when it can't help the error
 */
export async function respond(
  c: Context<RestEnv>,
  failure: string,
  make: () => Answer | Promise<Answer>,
): Promise<never> {
  c.env.route = c.req.routePath;
  try {
    return give(c, await make());
  } catch (error) {
    return give(c, errorAnswer(error, failure, c.env.log));
  }
}

/** Leaves the answer with the exchange; the empty Response is only what Hono needs to be content. */
export function give(c: Context<RestEnv>, answer: Answer): never {
  c.env.answer = answer;
  return new Response(null) as never;
}

/** Closes a path to all methods but those of a GET route. */
export function allowOnlyGet(app: RestApp, path: string): void {
  app.options(path, (c) => give(c, { status: 204, headers: { Allow: ALLOW }, body: null }));
  app.all(path, (c) => give(c, refusal(405, "Method not allowed", { Allow: ALLOW })));
}
