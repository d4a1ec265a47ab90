/** The subscriptions: each new archive, and the starts and ends of episodes, as they come to be known. */
import { Repeater } from "graphql-yoga";
import type { CatalogDay } from "../../catalog/days.ts";
import type { RecordSample } from "../../jobs/new-samples.ts";
import type { Episode } from "../../series/episodes.ts";
import type { Services } from "../services.ts";
import { ArchiveRef } from "./archives.ts";
import { builder } from "./builder.ts";
import { EpisodeRef } from "./episodes.ts";

type Announced = CatalogDay & { newSamples: readonly RecordSample[] };

builder.subscriptionField("archived", (t) =>
  t.field({
    type: ArchiveRef,
    description:
      "Each new archive of a day, as this server keeps it; nothing for a run that ends UNCHANGED. Where servers share a store, what another one or a command keeps is told too, within seconds; else a command's isn't.",
    subscribe: (_subscription, _args, { services }) =>
      untilClosed<Announced>(services, (push) =>
        services.job.onArchived((day, newSamples) => push({ ...day, newSamples })),
      ),
    resolve: (day) => day,
  }),
);

builder.subscriptionField("episodeStarted", (t) =>
  t.field({
    type: EpisodeRef,
    description:
      "Each episode at the default threshold, once, when it is known to have begun, whatever is found out about its onset " +
      "later. Nothing for what began before this archive was first served.",
    subscribe: (_subscription, _args, { services }) => episodesOf(services, "STARTED"),
    resolve: (episode) => episode,
  }),
);

builder.subscriptionField("episodeEnded", (t) =>
  t.field({
    type: EpisodeRef,
    description:
      "Each episode at the default threshold, once, when it is known to have ended: samples that stop tell nothing, until " +
      "others come after the gap. Where a late plot shows that it went on, its second end isn't told.",
    subscribe: (_subscription, _args, { services }) => episodesOf(services, "ENDED"),
    resolve: (episode) => episode,
  }),
);

function episodesOf(services: Services, wanted: "STARTED" | "ENDED"): AsyncIterable<Episode> {
  return untilClosed<Episode>(services, (push) =>
    services.episodes.onChange(({ kind, episode }) => {
      if (kind === wanted) push(episode);
    }),
  );
}

/** Ends when the client leaves or the server is being stopped. @param listen answers how to stop listening */
function untilClosed<T>({ closing }: Services, listen: (push: (value: T) => void) => () => void): AsyncIterable<T> {
  return new Repeater<T>(async (push, stop) => {
    const stopListening = listen((value) => void push(value));
    const close = (): void => void stop();
    closing.addEventListener("abort", close);
    if (closing.aborted) close();
    await stop;
    closing.removeEventListener("abort", close);
    stopListening();
  });
}
