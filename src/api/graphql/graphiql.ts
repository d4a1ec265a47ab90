/**
 * GraphiQL, served by us alone: one page that holds all of its code, and a policy that allows nothing else.
 * It is large, so it is loaded and packed when first asked for.
 */
import { hash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { dayOf } from "../../model/day.ts";
import type { Answer } from "../answer.ts";
import { codedHeaders, pickCoding } from "../content-coding.ts";
import { examplesOn, HEADERS_HINT } from "./examples.ts";

const OPTIONS = {
  title: "etna-archive GraphiQL",
  headers: HEADERS_HINT,
  defaultHeaders: HEADERS_HINT,
  defaultEditorToolsVisibility: "headers",
  isHeadersEditorEnabled: true,
  shouldPersistHeaders: false, // a token isn't left behind in the browser
} as const;

/**
 * GraphiQL moves its tabs to their places when it opens, and keeps where they came from: pressed, a tab jumped back there,
 * away from the pointer, so that the first click on it went beside it. Their places are right without being moved.
 */
const STILL_TABS = "<style>.graphiql-tab { transform: none !important; }</style>";

/**
 * Answers the page: 2.4 MB gzipped, as every browser takes it; 9 MB for who doesn't.
 * @param clock its examples ask for the days before the page was first asked for, of which a server has something to tell
 */
export function createGraphiQLPage(clock: () => number): (acceptEncoding: string | undefined) => Promise<Answer> {
  let packing: Promise<{ plain: Answer; packed: Answer }> | undefined;
  return async (acceptEncoding) => {
    packing ??= pack(examplesOn(dayOf(clock())));
    const { plain, packed } = await packing;
    return pickCoding(acceptEncoding, ["gzip"]) === undefined ? plain : packed;
  };
}

async function pack(examples: readonly string[]): Promise<{ plain: Answer; packed: Answer }> {
  const { renderGraphiQL } = await import("@graphql-yoga/render-graphiql");
  const html = renderGraphiQL({ ...OPTIONS, defaultTabs: examples.map((query) => ({ query })) } as never)
    .trim()
    .replace("</head>", `${STILL_TABS}</head>`);
  const bytes = Buffer.from(html);
  const headers = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-cache",
    "Content-Security-Policy": policyFor(html),
    Vary: "Accept, Accept-Encoding",
    ETag: `"${hash("sha256", bytes, "base64url")}"`,
  };
  return {
    plain: { status: 200, headers, body: bytes },
    packed: { status: 200, headers: codedHeaders(headers, "gzip"), body: await promisify(gzip)(bytes) },
  };
}

/** The page's one script is allowed by its hash. The editor writes styles as it runs, and its workers are blobs. */
function policyFor(html: string): string {
  const script = html.slice(html.indexOf("<script>") + "<script>".length, html.lastIndexOf("</script>"));
  return [
    "default-src 'none'",
    `script-src 'sha256-${hash("sha256", script, "base64")}'`,
    "worker-src blob:",
    "style-src 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
