/**
 * One request and what becomes of it: handed from the handler to whichever route answers.
 */
import type { Logger } from "pino";
import type { Answer } from "./answer.ts";
import type { Access } from "./auth.ts";

export interface Asking {
  /** Of the request, for logs and for whoever reports a problem. */
  id: string;
  access: Access;
  path: string;
  /** Scheme and host that the request was sent to. */
  origin: string;
  /** Of a POST; read by the handler, within the limit. */
  bodyText: string | undefined;
}

export class Exchange implements Readonly<Asking> {
  readonly id: string;
  readonly access: Access;
  readonly path: string;
  readonly origin: string;
  readonly bodyText: string | undefined;
  /** Which route answered, for the metrics. */
  route = "none";
  /** Set by a route that answers in full, in place of its Response. */
  answer: Answer | undefined = undefined;
  /** May the answer be given again to such a request, until the catalog changes or the day ends? */
  reusable = false;
  /** Does the Response go on for as long as the client listens? */
  isSubscription = false;
  readonly #log: Logger;

  constructor({ id, access, path, origin, bodyText }: Asking, log: Logger) {
    this.id = id;
    this.access = access;
    this.path = path;
    this.origin = origin;
    this.bodyText = bodyText;
    this.#log = log;
  }

  /** Made when something is to be said, which is seldom. */
  get log(): Logger {
    return this.#log.child({ requestId: this.id });
  }
}
