/** `/` where the web page isn't built: it says so, and leads to everything else. */
import type { Answer } from "./answer.ts";

const LINKS = [
  ["/graphql", "GraphiQL: ask for archives and their numbers"],
  ["/api/archives/list", "The archived days"],
  ["/api/tremor?start=2025-11-01&end=2025-11-04&step=PT1H&format=csv", "The tremor record, as CSV, GeoCSV or JSON"],
  ["/api/openapi.json", "The REST routes, as OpenAPI"],
  ["/healthz", "Is the server alive?"],
  ["/readyz", "Is the archive kept up to date?"],
  ["/metrics", "Metrics for Prometheus"],
] as const;

export const unbuiltPage: Answer = {
  status: 200,
  headers: {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  },
  body: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>etna-archive</title>
<h1>etna-archive</h1>
<p>The web page isn't built: <code>npm run prepare</code> builds it. Everything else is served.</p>
<ul>
${LINKS.map(([href, text]) => `<li><a href="${href}">${text}</a></li>`).join("\n")}
</ul>
</html>
`,
};
