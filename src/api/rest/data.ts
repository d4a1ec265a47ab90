/** GET /api/archives/data/{date}: the numbers that the day's plot shows, as JSON or CSV. */
import { createRoute, z } from "@hono/zod-openapi";
import { revalidatedAnswer, type Answer } from "../answer.ts";
import { formatInstant } from "../instants.ts";
import { readDay, type ProcessedData } from "../reading.ts";
import { acceptedFormat, VARY } from "./accepted-format.ts";
import { allowOnlyGet, respond, type RestApp, type RestParts } from "./route.ts";
import { ArchiveData, DataQuery, DayPath, refusals, UNCHANGED } from "./schemas.ts";

const dataRoute = createRoute({
  method: "get",
  path: "/api/archives/data/{date}",
  operationId: "getArchiveData",
  summary: "What the plot of a day shows, a sample every ten minutes; answers also when the picture has expired",
  request: { params: DayPath, query: DataQuery },
  responses: {
    200: {
      description: "By time; where no curve could be read, no samples and the problem in words",
      content: {
        "application/json": { schema: ArchiveData },
        "text/csv": { schema: z.string().openapi({ example: "timestamp,value\r\n2025-11-04T00:00:00Z,1.234\r\n" }) },
      },
    },
    304: UNCHANGED,
    ...refusals(400, 401, 403, 404, 500),
  },
});

export function addDataRoute(app: RestApp, { services }: RestParts): void {
  app.openapi(dataRoute, (c) =>
    respond(c, "Failed to retrieve archive data", () => {
      const { window, format } = c.req.valid("query");
      const isPlot = window === "plot";
      const data = readDay(services.catalog, c.req.valid("param").date, isPlot ? "PLOT" : "DAY");
      c.env.reusable = true;
      return (format ?? acceptedFormat(c)) === "csv" ? csvAnswer(data, isPlot) : dataAnswer(data);
    }),
  );
  allowOnlyGet(app, "/api/archives/data/:date");
}

function dataAnswer({ day, samples, problem }: ProcessedData): Answer {
  const data: ArchiveData = {
    ok: true,
    date: day,
    count: samples.length,
    data: samples.map(({ timeMs, rmsMv, clipped }) => {
      const sample = { timestamp: formatInstant(timeMs), value: rmsMv };
      return clipped ? { ...sample, clipped } : sample; // a field that the old system hadn't, so only where it matters
    }),
    ...(problem === undefined ? {} : { problem }),
  };
  return revalidatedAnswer("application/json; charset=utf-8", JSON.stringify(data), { Vary: VARY });
}

/** @param isPlot seven days mustn't lie in a folder under the name of one */
function csvAnswer(data: ProcessedData, isPlot: boolean): Answer {
  return revalidatedAnswer("text/csv; charset=utf-8; header=present", csvOf(data), {
    "Content-Disposition": `inline; filename=etna_${data.day}${isPlot ? "_plot" : ""}.csv`,
    Vary: VARY,
  });
}

/** RFC 4180: a header line, CRLF after each line. */
export function csvOf({ samples }: Pick<ProcessedData, "samples">): string {
  const lines = samples.map(({ timeMs, rmsMv }) => `${formatInstant(timeMs)},${rmsMv}`);
  return `${["timestamp,value", ...lines].join("\r\n")}\r\n`;
}
