/** Where a server of the same configuration has the pictures. */
import { createAuth } from "../api/auth.ts";
import { authorityOf } from "../api/authority.ts";
import type { Config } from "../config.ts";
import type { Day } from "../model/day.ts";

/** Absolute, and signed where reading needs a token; null while nobody knows which port a server would take. */
export type ImageUrlOf = (day: Day) => string | null;

export function imageUrls({ host, port, publicUrl, readToken }: Config, clock: () => number): ImageUrlOf {
  const base = publicUrl ?? (port === 0 ? undefined : `http://${authorityOf(host, port)}`);
  if (base === undefined) return () => null;
  const auth = createAuth({ adminToken: "", readToken });
  return (day) => `${base}/api/archives/graph/${day}${auth.signedQuery(day, clock())}`;
}
