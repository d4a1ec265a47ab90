/**
 * What the REST routes take and give, as zod schemas: they validate, and OpenAPI is made from them.
 */
import { z } from "@hono/zod-openapi";
import { parseDay, type Day } from "../../model/day.ts";
import { parseDuration } from "../durations.ts";
import { parseInstant } from "../parse-instant.ts";
import { EXPORT_FORMATS } from "../tremor-export.ts";

/** Of a repeated parameter the first counts; an empty one is absent. */
const firstGiven = (value: unknown): unknown => {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return first === "" ? undefined : first;
};

const dayText = (message: string, example = "2025-11-04") =>
  z
    .string()
    .transform((text, context): Day => {
      const day = parseDay(text);
      if (day === undefined) context.addIssue({ code: "custom", message });
      return day ?? z.NEVER;
    })
    .openapi({ type: "string", format: "date", example });

export const DayPath = z.object({
  date: dayText("Invalid date format. Use YYYY-MM-DD").openapi({ param: { name: "date", in: "path" } }),
});

const optionalDay = (name: string, description: string) =>
  z
    .preprocess(firstGiven, dayText(`Invalid ${name} format. Use ISO format (YYYY-MM-DD)`).optional())
    .openapi({ type: "string", format: "date", example: "2025-11-04", description, param: { name, in: "query" } });

/** In the order in which they are judged. */
export const ListQuery = z.object({
  start_date: optionalDay("start_date", "First day, included; absent or empty: from the oldest"),
  end_date: optionalDay("end_date", "Last day, included; absent or empty: up to the newest"),
});

const choice = <const T extends readonly [string, ...string[]]>(name: string, choices: T, description: string) =>
  z
    .preprocess(firstGiven, z.enum(choices, `Invalid ${name}. Use ${choices.join(" or ")}`).optional())
    .openapi({ type: "string", enum: [...choices], description, param: { name, in: "query" } });

export const DataQuery = z.object({
  window: choice("window", ["day", "plot"], "day: that UTC day alone; plot: all that the picture shows"),
  format: choice("format", ["json", "csv"], "Goes before the Accept header"),
});

const instant = (name: string, description: string) =>
  z
    .preprocess(
      firstGiven,
      z.string(`Missing ${name}. Use 2025-11-04T12:00:00Z or 2025-11-04`).transform((text, context): number => {
        const timeMs = parseInstant(text);
        if (timeMs !== undefined) return timeMs;
        context.addIssue({ code: "custom", message: `Invalid ${name}. Use 2025-11-04T12:00:00Z or 2025-11-04` });
        return z.NEVER;
      }),
    )
    .openapi({
      type: "string",
      example: "2025-11-04T00:00:00Z",
      description,
      param: { name, in: "query", required: true },
    });

export const TremorQuery = z.object({
  start: instant("start", "First instant, included: RFC 3339, or a UTC day for its midnight"),
  end: instant("end", "Last instant, not included"),
  step: z
    .preprocess(
      firstGiven,
      z
        .string()
        .transform((text, context): number => {
          try {
            return parseDuration(text);
          } catch (error) {
            context.addIssue({ code: "custom", message: (error as Error).message });
            return z.NEVER;
          }
        })
        .optional(),
    )
    .openapi({
      type: "string",
      example: "PT1H",
      description: "ISO 8601, whole multiples of ten minutes; absent: PT10M",
      param: { name: "step", in: "query" },
    }),
  format: choice("format", EXPORT_FORMATS, "Goes before the Accept header; GeoCSV comes by it alone"),
});

export const TremorData = z
  .object({
    ok: z.literal(true),
    start: z.string().openapi({ format: "date-time" }),
    end: z.string().openapi({ format: "date-time" }),
    step: z.string().openapi({ example: "PT1H" }),
    unit: z.literal("mV"),
    attribution: z.string(),
    data: z.array(
      z.object({
        timestamp: z.string().openapi({ format: "date-time", example: "2025-11-04T00:00:00Z" }),
        value: z.number().openapi({ description: "Quadratic mean of the samples in the step", example: 1.234 }),
        min: z.number(),
        max: z.number(),
        median: z.number(),
        count: z.number().int().openapi({ description: "Samples in the step" }),
        clipped: z.boolean().openapi({ description: "The curve ran out of the plot: value and max are bounds" }),
        agreeing: z.number().int().openapi({ description: "Plots that agree on the value" }),
        shownBy: z.number().int().openapi({ description: "Plots that show it" }),
      }),
    ),
    count: z.number().int(),
  })
  .openapi("TremorData");

export const Refusal = z
  .object({ ok: z.literal(false), error: z.string().openapi({ example: "Archive not found for date 2025-11-03" }) })
  .openapi("Refusal");

const CodedRefusal = Refusal.extend({
  code: z.enum(["BUSY", "FORBIDDEN", "INTERNAL", "INVALID_REQUEST", "STORE_FAILED", "UNAUTHENTICATED"]),
}).openapi("CodedRefusal");

export const ArchiveEntry = z
  .object({
    date: z.string().openapi({ format: "date", example: "2025-11-04" }),
    path: z.string().openapi({ example: "data/archives/2025/11/04/etna_20251104.png" }),
    size: z.number().int().openapi({ description: "Bytes on disk", example: 123_456 }),
    compressed: z.boolean(),
    modified: z.string().openapi({ example: "2025-11-04T12:00:00+00:00" }),
  })
  .openapi("ArchiveEntry");
export type ArchiveEntry = z.infer<typeof ArchiveEntry>;

export const ArchiveList = z
  .object({ ok: z.literal(true), count: z.number().int(), archives: z.array(ArchiveEntry) })
  .openapi("ArchiveList");
export type ArchiveList = z.infer<typeof ArchiveList>;

export const ArchiveData = z
  .object({
    ok: z.literal(true),
    date: z.string().openapi({ format: "date", example: "2025-11-04" }),
    count: z.number().int(),
    data: z.array(
      z.object({
        timestamp: z.string().openapi({ format: "date-time", example: "2025-11-04T00:00:00Z" }),
        value: z.number().openapi({ description: "RMS amplitude, mV", example: 1.234 }),
        clipped: z
          .literal(true)
          .optional()
          .openapi({ description: "The curve ran out of the plot: the true value is at least this" }),
      }),
    ),
    problem: z.string().optional().openapi({ description: "In words, where the plot could not be read well" }),
  })
  .openapi("ArchiveData");
export type ArchiveData = z.infer<typeof ArchiveData>;

type RefusedStatus = 400 | 401 | 403 | 404 | 416 | 500 | 503;

const refusalsAs = (schema: z.ZodType, statuses: readonly RefusedStatus[]) =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: REFUSED_FOR[status], content: { "application/json": { schema } } },
    ]),
  );

/** The responses that every archive route may give beside its good one. */
export const refusals = (...statuses: RefusedStatus[]) => refusalsAs(Refusal, statuses);

/** The same of a route that the old system hadn't. */
export const codedRefusals = (...statuses: RefusedStatus[]) => refusalsAs(CodedRefusal, statuses);

export const UNCHANGED = { description: "The client has it already" } as const;

const REFUSED_FOR = {
  400: "A parameter is invalid",
  401: "Reading needs a token, and none was sent",
  403: "Reading needs another token than the one that was sent",
  404: "The day has no archive",
  416: "No byte of the picture lies in the range that was asked for",
  500: "The archive is damaged, or can't be read",
  503: "As many exports are being sent as the server allows; Retry-After says when to come back",
} as const;
