/** A client of GraphQL subscriptions, by server-sent events. */

export interface Events {
  response: Response;
  /** The next event as it was sent; `undefined` at the end. Comments that keep the connection open are passed over. */
  next(): Promise<string | undefined>;
  /** What the next event's field holds, where `next` sends data. */
  nextData<T>(): Promise<T>;
  leave(): Promise<void>;
}

/** @param url of the server, without a slash at its end */
export async function subscribe(url: string, query: string, byPost = true): Promise<Events> {
  const headers = { Accept: "text/event-stream", "Content-Type": "application/json" };
  const response = await (byPost
    ? fetch(`${url}/graphql`, { method: "POST", headers, body: JSON.stringify({ query }) })
    : fetch(`${url}/graphql?query=${encodeURIComponent(query)}`, { headers: { Accept: "text/event-stream" } }));
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const events: Events = {
    response,
    async next() {
      for (;;) {
        const end = text.indexOf("\n\n");
        if (end < 0) {
          const { done, value } = await reader.read();
          if (done) return undefined;
          text += value;
          continue;
        }
        const event = text.slice(0, end);
        text = text.slice(end + 2);
        if (!event.startsWith(":")) return event;
      }
    },
    async nextData<T>() {
      const event = await events.next();
      const { data } = JSON.parse(event?.split("\ndata: ")[1] ?? "{}") as { data?: Record<string, T> };
      if (data === undefined) throw new Error(`No data came, but ${event}`);
      return Object.values(data)[0]!;
    },
    leave: () => reader.cancel(),
  };
  return events;
}
