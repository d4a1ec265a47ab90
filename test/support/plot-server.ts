/** A server on loopback that publishes one plot, as INGV's does, and whose cables can be pulled. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface PlotServer extends AsyncDisposable {
  url: string;
  /** What is answered; a test puts another function here. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  /** Publishes these bytes, with an ETag and conditional answers. */
  publish(png: Uint8Array, headers?: Record<string, string>): void;
  /** Status codes given so far. */
  statuses: number[];
}

export async function startPlotServer(): Promise<PlotServer> {
  let version = 0;
  const server = createServer((request, response) => {
    response.once("finish", () => plots.statuses.push(response.statusCode));
    plots.answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const plots: PlotServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/RMS_Etna/2.png`,
    answer: (_request, response) => response.writeHead(404).end(),
    statuses: [],
    publish(png, headers = {}) {
      const etag = `"${++version}"`;
      plots.answer = (request, response) => {
        if (request.headers["if-none-match"] === etag) return void response.writeHead(304, { etag }).end();
        response.writeHead(200, { "content-type": "image/png", etag, ...headers }).end(png);
      };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return plots;
}
