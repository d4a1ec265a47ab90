/** The demo's HTTP server: one plot at one path on loopback, with the validators that INGV's clients send back. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { PlotVersion } from "../../model/plot.ts";

/** A plot that a server offers. `draw` is called only when someone takes it. */
export interface OfferedPlot {
  version: Required<PlotVersion>;
  draw(): Uint8Array;
}

export interface PlotServer extends AsyncDisposable {
  /** Of the plot as it is now. */
  url: string;
}

/** On any port that is free. */
export async function startPlotServer(path: string, current: () => OfferedPlot): Promise<PlotServer> {
  const server = createServer((request, response) => {
    const isRead = request.method === "GET" || request.method === "HEAD";
    if (!isRead) return void response.writeHead(405, { Allow: "GET, HEAD" }).end();
    if (request.url?.split("?")[0] !== path) return void response.writeHead(404).end("Not found\n");
    const { version, draw } = current();
    const headers = { ETag: version.etag, "Last-Modified": version.lastModified, "Cache-Control": "no-cache" };
    if (isSeen(request, version)) return void response.writeHead(304, headers).end();
    const png = draw();
    response.writeHead(200, { ...headers, "Content-Type": "image/png", "Content-Length": png.length });
    response.end(request.method === "HEAD" ? undefined : png);
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** If-None-Match goes before If-Modified-Since (RFC 9110, 13.2.2). */
function isSeen({ headers }: IncomingMessage, { etag, lastModified }: Required<PlotVersion>): boolean {
  const tags = headers["if-none-match"];
  if (tags !== undefined) return tags.split(",").some((tag) => ["*", etag].includes(tag.trim().replace(/^W\//, "")));
  return Date.parse(headers["if-modified-since"] ?? "") >= Date.parse(lastModified);
}
