/** Content negotiation (RFC 9110, 12.5.1) between the two forms that numbers are given in. */
import type { Context } from "hono";
import { accepts } from "hono/accepts";

/** What answers depend on that are given in either, packed or not. */
export const VARY = "Accept, Accept-Encoding";

type Format = "json" | "csv";

/** What names a format in an Accept header, the narrowest range first. */
const RANGES: Record<Format, readonly string[]> = {
  json: ["application/json", "application/*", "*/*"],
  csv: ["text/csv", "text/*", "*/*"],
};

/**
 * What the Accept header prefers: by weight, and among equals what it names more narrowly, or first. JSON where it leaves
 * the choice, or takes neither.
 */
export function acceptedFormat(c: Context): Format {
  const formats = Object.keys(RANGES) as Format[];
  return accepts(c, {
    header: "Accept",
    supports: formats,
    default: "json",
    match(ranges, { default: usual }) {
      const types = ranges.map(({ type }) => type.toLowerCase());
      const weighed = formats.map((format) => {
        const breadth = RANGES[format].findIndex((range) => types.includes(range));
        const at = types.indexOf(RANGES[format][breadth] ?? "");
        return { format, breadth, at, weight: ranges[at]?.q ?? 0 };
      });
      const [best] = weighed
        .filter(({ weight }) => weight > 0)
        .toSorted((a, b) => b.weight - a.weight || a.breadth - b.breadth || a.at - b.at);
      return best?.format ?? usual;
    },
  }) as Format;
}
