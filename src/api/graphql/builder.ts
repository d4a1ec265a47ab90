/**
 * The builder that every file of the schema adds its types to, and what its resolvers are handed.
 * Owns the plugins' settings; each domain has a file of its own.
 */
import SchemaBuilder from "@pothos/core";
import ComplexityPlugin from "@pothos/plugin-complexity";
import ErrorsPlugin from "@pothos/plugin-errors";
import RelayPlugin from "@pothos/plugin-relay";
import ScopeAuthPlugin from "@pothos/plugin-scope-auth";
import ValidationPlugin from "@pothos/plugin-validation";
import type { Day } from "../../model/day.ts";
import { InvalidRequest } from "../../model/errors.ts";
import { refused, type Auth } from "../auth.ts";
import type { CatalogDay } from "../../catalog/days.ts";
import type { Exchange } from "../exchange.ts";
import type { Picture } from "../pictures.ts";
import type { Services } from "../services.ts";
import { QUERY_LIMIT, tooComplex } from "./limits.ts";

export interface GraphQLContext {
  services: Services;
  auth: Auth;
  exchange: Exchange;
  getPicture: (day: CatalogDay) => Promise<Picture>;
}

export interface SchemaShape {
  Context: GraphQLContext;
  DefaultFieldNullability: false;
  DefaultNodeNullability: false;
  DefaultEdgesNullability: false;
  AuthScopes: { admin: boolean };
  Scalars: {
    ID: { Input: string; Output: string };
    Date: { Input: Day; Output: Day };
    /** Milliseconds since 1970 inside, RFC 3339 outside. */
    DateTime: { Input: number; Output: number };
    /** Milliseconds inside, ISO 8601 outside. */
    Duration: { Input: number; Output: number };
  };
}

export const builder = new SchemaBuilder<SchemaShape>({
  plugins: [ErrorsPlugin, ScopeAuthPlugin, RelayPlugin, ValidationPlugin, ComplexityPlugin],
  defaultFieldNullability: false,
  errors: { directResult: true },
  scopeAuth: {
    authScopes: ({ exchange }) => ({ admin: exchange.access === "admin" }),
    unauthorizedError: (_parent, { exchange }) => refused(exchange.access, "This"),
  },
  relay: {
    nodeQueryOptions: false, // `nodes.ts` has our own, for which a foreign id is null
    nodesQueryOptions: false,
    brandLoadedObjects: true,
    edgesFieldOptions: { nullable: false, complexity: { field: 1, multiplier: 1 }, description: "The page, in order." },
    nodeFieldOptions: { nullable: false },
    nodeTypeOptions: { description: "An object that can be asked for again by its id." },
    pageInfoTypeOptions: { description: "Where a page lies in its list." },
  },
  validation: {
    validationError: ({ issues }) => new InvalidRequest(issues.map(({ message }) => message).join("; ")),
  },
  complexity: {
    defaultListMultiplier: 10,
    complexityError: tooComplex,
    limit: QUERY_LIMIT,
  },
});

builder.queryType({
  description:
    "All times are UTC. Reading may need a token; see the server's manual. A query may cost " +
    `${QUERY_LIMIT.complexity}: about one for each field of each object, a list taken as long as its page may be.`,
});
builder.mutationType({
  description: 'Each needs the admin token: send "Authorization: Bearer TOKEN".',
  authScopes: { admin: true },
});
builder.subscriptionType({ description: "As server-sent events." });
