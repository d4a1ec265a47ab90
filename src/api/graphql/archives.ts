/** Archived days: one, the latest, and pages of them. */
import { z } from "zod";
import type { CatalogDay } from "../../catalog/days.ts";
import type { RecordSample } from "../../jobs/new-samples.ts";
import { parseDay, type Day } from "../../model/day.ts";
import { ArchiveDamaged, DayNotFound } from "../../model/errors.ts";
import type { Picture } from "../pictures.ts";
import { SIGNED_FOR_SECONDS } from "../auth.ts";
import { builder, type GraphQLContext } from "./builder.ts";
import { DEFAULT_PAGE, findPage, MAX_PAGE, PageLimits, type Cursors } from "./page.ts";
import { DataPoint, dataField } from "./readings.ts";

/** What the subscription tells of a day that was archived just now. */
interface Announced {
  newSamples?: readonly RecordSample[];
}

export const ArchiveRef = builder.objectRef<CatalogDay & Announced>("Archive");

builder.node(ArchiveRef, {
  description: "The picture that is kept for one UTC day: the day's last good one.",
  id: { resolve: ({ day }) => day },
  loadOne: (id, { services }) => {
    const day = parseDay(id);
    return day === undefined ? undefined : services.catalog.findDay(day);
  },
  fields: (t) => ({
    date: t.field({
      type: "Date",
      description: "The UTC day on which the plot was fetched.",
      resolve: ({ day }) => day,
    }),
    path: t.string({
      description: "Where the picture lies, from the base path on.",
      resolve: ({ key }, _args, { services }) => `${services.settings.displayBase}/${key}`,
    }),
    size: t.exposeInt("size", { description: "Bytes on disk." }),
    compressed: t.exposeBoolean("compressed", { description: "Is it kept gzipped?" }),
    modified: t.field({
      type: "DateTime",
      description: "When the file was last written.",
      resolve: ({ modifiedMs }) => modifiedMs,
    }),
    sha256: t.string({
      nullable: true,
      description: "Of the PNG's own bytes, lower-case hex; null where the picture is damaged.",
      resolve: (day, _args, context) => day.sha256 ?? look(day, context, ({ sha256 }) => sha256),
    }),
    imageUrl: t.string({
      description:
        "Absolute URL of the picture. Where reading needs a token, or pictures come from the store itself, it is signed and good for 15 minutes.",
      resolve: (day, _args, context) => imageUrl(day, context),
    }),
    width: t.int({
      nullable: true,
      description: "Pixels; null where the picture is damaged.",
      resolve: (day, _args, context) => day.widthPx ?? look(day, context, ({ png }) => sideOf(png, WIDTH_AT)),
    }),
    height: t.int({
      nullable: true,
      description: "Pixels; null where the picture is damaged.",
      resolve: (day, _args, context) => day.heightPx ?? look(day, context, ({ png }) => sideOf(png, HEIGHT_AT)),
    }),
    sourceUrl: t.exposeString("sourceUrl", {
      nullable: true,
      description: "Where it was fetched, or file:NAME for a picture at hand; null when unknown.",
    }),
    fetchedAt: t.field({
      type: "DateTime",
      nullable: true,
      description: "When its last byte arrived; null when unknown.",
      resolve: ({ fetchedMs }) => fetchedMs,
    }),
    station: t.exposeString("station", {
      nullable: true,
      description: "Code of the seismic station, as the plot's title names it.",
    }),
    windowStart: t.field({
      type: "DateTime",
      nullable: true,
      description:
        "First instant of the period that the plot covers. The frame may hide its sample: data has none then.",
      resolve: ({ window }) => window?.startMs,
    }),
    windowEnd: t.field({
      type: "DateTime",
      nullable: true,
      description:
        "Last instant of the period that the plot covers. The frame may hide its sample: data has none then.",
      resolve: ({ window }) => window?.endMs,
    }),
    stale: t.exposeBoolean("stale", {
      description: "Did the plot end over six hours before it was fetched?",
    }),
    data: dataField(t),
    newSamples: t.field({
      type: [DataPoint],
      description:
        "In the subscription archived: what this plot brought into the tremor record, by time. Empty everywhere else.",
      complexity: { field: 1, multiplier: 1 },
      resolve: ({ newSamples = [] }) => newSamples,
    }),
  }),
});

/** What the catalog can't tell of a picture without a record, such as an old tree's: seen in the picture itself. */
async function look<T>(
  day: CatalogDay,
  { getPicture, exchange }: GraphQLContext,
  see: (picture: Picture) => T,
): Promise<T | null> {
  exchange.reusable = false; // the picture may be mended without the catalog's knowing
  try {
    return see(await getPicture(day));
  } catch (error) {
    if (error instanceof ArchiveDamaged || error instanceof DayNotFound) return null;
    throw error;
  }
}

/** Where IHDR, which is always first, has the sides (PNG specification, 11.2.1). */
const WIDTH_AT = 16;
const HEIGHT_AT = 20;

function sideOf(png: Uint8Array, at: number): number {
  return new DataView(png.buffer, png.byteOffset).getUint32(at);
}

/**
 * A gzipped picture is inflated by the server: not every client of a store would.
 * A promise only where the store signs: a list of them would wait for each.
 */
function imageUrl({ day, key, compressed }: CatalogDay, context: GraphQLContext): string | Promise<string> {
  const { services, auth, exchange } = context;
  if (services.signPictureUrl !== undefined && !compressed) {
    exchange.reusable = false; // the signature ends
    return services.signPictureUrl(key, SIGNED_FOR_SECONDS);
  }
  const base = services.settings.publicUrl ?? exchange.origin;
  if (auth.readsAreClosed) exchange.reusable = false; // the signature ends
  return `${base}/api/archives/graph/${day}${auth.signedQuery(day, services.clock())}`;
}

builder.queryField("archive", (t) =>
  t.field({
    type: ArchiveRef,
    nullable: true,
    description: "The archive of a day; null where the day has no picture.",
    args: { date: t.arg({ type: "Date", required: true }) },
    resolve: (_query, { date }, { services }) => services.catalog.findDay(date),
  }),
);

builder.queryField("latestArchive", (t) =>
  t.field({
    type: ArchiveRef,
    nullable: true,
    description: "The newest archive; null where there is none.",
    resolve: (_query, _args, { services }) => services.catalog.listDays({ order: "NEWEST_FIRST", limit: 1 })[0],
  }),
);

export const SortOrder = builder.enumType("SortOrder", { values: ["NEWEST_FIRST", "OLDEST_FIRST"] as const });

const dayCursors: Cursors<CatalogDay, Day> = { list: "archive", keyOf: ({ day }) => day, parse: parseDay };

const PageOfRange = PageLimits.safeExtend({
  startDate: z.string().nullish(),
  endDate: z.string().nullish(),
}).refine(
  ({ startDate, endDate }) => startDate == null || endDate == null || startDate <= endDate,
  "startDate is after endDate",
);

builder.queryField("archives", (t) =>
  t.connection(
    {
      type: ArchiveRef,
      description:
        `The archives from startDate to endDate, both included. A page has ${DEFAULT_PAGE} unless first or last says so, ` +
        `at most ${MAX_PAGE}; with three fields of each day's points, 90 days are within what a query may cost.`,
      args: {
        startDate: t.arg({ type: "Date", description: "Absent: from the oldest." }),
        endDate: t.arg({ type: "Date", description: "Absent: up to the newest." }),
        order: t.arg({ type: SortOrder, required: true, defaultValue: "NEWEST_FIRST" }),
      },
      validate: PageOfRange,
      complexity: ({ first, last }) => ({ field: 1, multiplier: first ?? last ?? DEFAULT_PAGE }),
      resolve: (_query, { startDate, endDate, order, ...page }, { services: { catalog } }) => {
        const range = { from: startDate ?? undefined, to: endDate ?? undefined };
        return {
          ...findPage(page, dayCursors, (query) => catalog.listDays({ ...range, order, ...query })),
          countAll: () => catalog.countDays(range),
        };
      },
    },
    {
      name: "ArchiveConnection",
      description: "A page of archives.",
      fields: (f) => ({
        totalCount: f.int({ description: "Archives in the whole range.", resolve: ({ countAll }) => countAll() }),
      }),
    },
    { name: "ArchiveEdge", description: "An archive in a page." },
  ),
);
