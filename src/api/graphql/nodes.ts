/** The query `node`: an object by its global id. An id that isn't one of ours is null, not an error. */
import { resolveNodes } from "@pothos/plugin-relay";
import { builder } from "./builder.ts";

/** Types that have global ids; `schema.test.ts` holds it against the schema. */
export const NODE_TYPES: ReadonlySet<string> = new Set(["Archive", "ArchivalRun", "MaintenanceRun"]);

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
