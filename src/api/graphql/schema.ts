/** The whole GraphQL schema: each import adds its domain to the builder. */
import type { GraphQLSchema } from "graphql";
import "./archive-now.ts";
import "./archived.ts";
import "./archives.ts";
import "./backup.ts";
import { builder } from "./builder.ts";
import "./cleanup.ts";
import "./current-tremor.ts";
import "./episodes.ts";
import "./errors.ts";
import "./maintenance-runs.ts";
import { resolveIdsAtOnce } from "./nodes.ts";
import "./runs.ts";
import "./scalars.ts";
import "./status.ts";
import "./tremor.ts";
import "./tremor-statistics.ts";
import "./verify.ts";

export const schema: GraphQLSchema = resolveIdsAtOnce(builder.toSchema());
