/**
 * One request and what becomes of it: handed from the handler to whichever route answers.
 */
import type { Logger } from "pino";
import type { Answer } from "./answer.ts";
import type { Access } from "./auth.ts";

export interface Exchange {
  /** Of the request, for logs and for whoever reports a problem. */
  readonly id: string;
  readonly access: Access;
  readonly path: string;
  /** Scheme and host that the request was sent to. */
  readonly origin: string;
  /** Of a POST; read by the handler, within the limit. */
  readonly bodyText: string | undefined;
  readonly log: Logger;
  /** Which route answered, for the metrics. */
  route: string;
  /** Set by a route that answers in full, in place of its Response. */
  answer: Answer | undefined;
  /** May the answer be given again to such a request, until the catalog changes or the day ends? */
  reusable: boolean;
}
