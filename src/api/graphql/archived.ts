/** The subscription `archived`: tells each new archive as it is kept. */
import { Repeater } from "graphql-yoga";
import type { CatalogDay } from "../../catalog/days.ts";
import type { Services } from "../services.ts";
import { ArchiveRef } from "./archives.ts";
import { builder } from "./builder.ts";

builder.subscriptionField("archived", (t) =>
  t.field({
    type: ArchiveRef,
    description: "Each new archive of a day, as it is kept; nothing for a run that ends UNCHANGED.",
    subscribe: (_subscription, _args, { services }) => archivedDays(services),
    resolve: (day) => day,
  }),
);

/** Ends when the client leaves or the server is being stopped. */
function archivedDays({ job, closing }: Services): AsyncIterable<CatalogDay> {
  return new Repeater<CatalogDay>(async (push, stop) => {
    const stopListening = job.onArchived((day) => void push(day));
    const close = (): void => void stop();
    closing.addEventListener("abort", close);
    if (closing.aborted) close();
    await stop;
    closing.removeEventListener("abort", close);
    stopListening();
  });
}
