/** This server among those that share its store, as `status` tells of it. */
import type { Cluster } from "../services.ts";
import { builder } from "./builder.ts";

export const ClusterStatus = builder.objectRef<Cluster>("ClusterStatus").implement({
  description: "This server among those that share its store. One of them, the leader, fetches the plot and cleans up.",
  fields: (t) => ({
    server: t.exposeString("server", { description: "This server's name." }),
    leader: t.string({
      nullable: true,
      description: "The leader's name; null while there is none, and where SCHEDULER=always has nobody elected.",
      resolve: ({ leadership }) => leadership?.leader(),
    }),
    isLeader: t.boolean({
      description: "Does this server lead, surely and right now?",
      resolve: ({ leadership }) => leadership?.isLeader() ?? false,
    }),
    epoch: t.int({
      nullable: true,
      description: "Number of the leader's lease as this server last saw it. It grows with each renewal.",
      resolve: ({ leadership }) => leadership?.epoch(),
    }),
    followedAt: t.field({
      type: "DateTime",
      nullable: true,
      description: "When this server last looked what others had written; null until its first look has ended.",
      resolve: ({ followedMs }) => followedMs(),
    }),
    lagSeconds: t.float({
      nullable: true,
      description: "Seconds since then: what is older than that, this server knows.",
      resolve({ followedMs }, _, { services }) {
        const lookedMs = followedMs();
        return lookedMs === undefined ? undefined : Math.max(0, (services.clock() - lookedMs) / 1000);
      },
    }),
    storeProblem: t.string({
      nullable: true,
      description:
        "Why the store can't be used right now; reads are answered from what this server knows. Null when it can.",
      resolve: ({ storeProblem }) => storeProblem(),
    }),
  }),
});
