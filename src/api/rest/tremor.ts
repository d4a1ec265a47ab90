/** GET /api/tremor: the tremor record from start up to end, as JSON, CSV or GeoCSV, streamed. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { InvalidRequest } from "../../model/errors.ts";
import type { Answer } from "../answer.ts";
import { codedHeaders, pickCoding } from "../content-coding.ts";
import { deliver } from "../deliver.ts";
import { codedErrorAnswer } from "../errors.ts";
import {
  CONTENT_TYPES,
  exportName,
  exportTag,
  exportTremor,
  type ExportFormat,
  type TremorExport,
} from "../tremor-export.ts";
import { streamTremorSeries } from "../tremor.ts";
import { createLoopTurns, type LoopTurns } from "../loop-turns.ts";
import { acceptedFormat, VARY } from "./accepted-format.ts";
import { allowOnlyGet, give, type RestApp, type RestParts } from "./route.ts";
import { codedRefusals, TremorData, TremorQuery, UNCHANGED } from "./schemas.ts";

export const TREMOR_PATH = "/api/tremor";

const csv = z.string().openapi({
  example: "timestamp,value,min,max,median,count,clipped,agreeing,shown_by,source\r\n2025-11-04T00:00:00Z,1.234,…\r\n",
});

const tremorRoute = createRoute({
  method: "get",
  path: TREMOR_PATH,
  operationId: "getTremor",
  summary: "The tremor record: one value for each step of time that any archived plot shows; the end is not included",
  request: { query: TremorQuery },
  responses: {
    200: {
      description:
        "By time. Amplitudes in mV; steps that no plot shows are left out. Attribution: INGV-OE. Gzipped where that is taken",
      content: { "application/json": { schema: TremorData }, "text/csv": { schema: csv } },
    },
    304: UNCHANGED,
    ...codedRefusals(400, 401, 403, 500, 503),
  },
});

export function addTremorRoute(app: RestApp, { services }: RestParts): void {
  const turns = createLoopTurns();
  app.openapi(
    tremorRoute,
    (c) => {
      c.env.route = tremorRoute.path;
      try {
        const { start, end, step, format = acceptedFormat(c) } = c.req.valid("query");
        const { synthetic, version } = services.settings;
        const request = { range: { startMs: start, endMs: end }, stepMs: step };
        const series = { ...streamTremorSeries(services.catalog, request), synthetic };
        const head = headOf(format, series, version, isGzipTaken(c));
        // Whoever asks for the headers, or has the file already, gets no body.
        const { status } = deliver(c.req.raw, head, services.clock());
        if (status !== 200 || c.req.raw.method === "HEAD") return give(c, head);
        return new Response(bodyOf(format, series, isGzipTaken(c), turns), { headers: head.headers }) as never;
      } catch (error) {
        return give(c, codedErrorAnswer(error, "Failed to read the tremor record", c.env.log));
      }
    },
    (result, c) => {
      if (result.success) return undefined;
      c.env.route = tremorRoute.path;
      const error = new InvalidRequest(result.error.issues[0]?.message ?? "Invalid request");
      return give(c, codedErrorAnswer(error, "Invalid request", c.env.log));
    },
  );
  allowOnlyGet(app, tremorRoute.path);
}

function isGzipTaken(c: Context): boolean {
  return pickCoding(c.req.header("accept-encoding"), ["gzip"]) !== undefined;
}

function headOf(format: ExportFormat, series: TremorExport, version: string, gzip: boolean): Answer {
  const headers = {
    "Content-Type": CONTENT_TYPES[format],
    "Content-Disposition": `inline; filename=${exportName(series, format)}`,
    "Cache-Control": "no-cache",
    ETag: `"${exportTag(format, series, version)}"`,
    Vary: VARY,
  };
  return { status: 200, headers: gzip ? codedHeaders(headers, "gzip") : headers, body: null };
}

/** Made piece by piece, as fast as the client takes them. */
function bodyOf(
  format: ExportFormat,
  series: TremorExport,
  gzip: boolean,
  turns: LoopTurns,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const text = exportTremor(format, series);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      await turns(); // others are answered between two pieces, however many exports there are
      const { value, done } = text.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    cancel() {
      text.return(undefined);
    },
  });
  return gzip ? body.pipeThrough(new CompressionStream("gzip")) : body;
}
