/**
 * Objects that have a global id, and the query `node`, which finds one by it. An id that isn't one of ours is null, not
 * an error.
 */
import { encodeGlobalID, resolveNodes } from "@pothos/plugin-relay";
import { isObjectType, type GraphQLSchema } from "graphql";
import type { CatalogDay } from "../../catalog/days.ts";
import type { MaintenanceRun } from "../../catalog/maintenance-runs.ts";
import type { Run } from "../../catalog/runs.ts";
import { builder } from "./builder.ts";

/** Types that have global ids, and what tells their objects apart; `schema.test.ts` holds it against the schema. */
const KEYS: Readonly<Record<string, (object: never) => string>> = {
  Archive: ({ day }: CatalogDay) => day,
  ArchivalRun: ({ id }: Run) => String(id),
  MaintenanceRun: ({ id }: MaintenanceRun) => String(id),
};
export const NODE_TYPES: ReadonlySet<string> = new Set(Object.keys(KEYS));

/** Pothos resolves each id with a promise; a list of a hundred objects would wait for every one of them. */
export function resolveIdsAtOnce(schema: GraphQLSchema): GraphQLSchema {
  for (const [typename, keyOf] of Object.entries(KEYS)) {
    const type = schema.getType(typename);
    if (!isObjectType(type)) throw new Error(`${typename} isn't in the schema`);
    type.getFields()["id"]!.resolve = (object) => encodeGlobalID(typename, keyOf(object as never));
  }
  return schema;
}

builder.queryField("node", (t) =>
  t.field({
    type: builder.nodeInterfaceRef(),
    nullable: true,
    description: "The object that has this id; null where there is none.",
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_query, { id }, context, info) => {
      const [typename = "", ...key] = Buffer.from(id, "base64").toString().split(":");
      if (!NODE_TYPES.has(typename)) return null;
      const [node] = await resolveNodes(builder, context, info, [{ typename, id: key.join(":") }]);
      return node as object | null;
    },
  }),
);
