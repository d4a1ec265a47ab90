/** Content negotiation (RFC 9110, 12.5.1) between the two forms that numbers are given in. */
import type { Context } from "hono";
import { accepts } from "hono/accepts";

/** Who leaves the choice gets JSON. */
const FORMATS = new Map<string, "json" | "csv">([
  ["application/json", "json"],
  ["application/*", "json"],
  ["*/*", "json"],
  ["text/csv", "csv"],
  ["text/*", "csv"],
]);

/** What the Accept header prefers: by its weights, and among equals by the narrower range; JSON where it says neither. */
export function acceptedFormat(c: Context): "json" | "csv" {
  const accepted = accepts(c, {
    header: "Accept",
    supports: [...FORMATS.keys()],
    default: "*/*",
    match(ranges, { default: usual }) {
      const known = ranges.filter(({ type, q }) => q > 0 && FORMATS.has(type.toLowerCase()));
      const [best] = known.toSorted((a, b) => b.q - a.q || width(a.type) - width(b.type));
      return best?.type.toLowerCase() ?? usual;
    },
  });
  return FORMATS.get(accepted)!;
}

/** 0 for a single type, 2 for any. */
function width(range: string): number {
  return range.split("*").length - 1;
}
