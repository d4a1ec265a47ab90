/** What a day's plot shows, as numbers, and how pixels were turned into them. */
import type { ObjectFieldBuilder } from "@pothos/core";
import type { CatalogDay } from "../../catalog/days.ts";
import type { AmplitudeAxis, Calibration, Fidelity, PlotArea, TimeAxis } from "../../model/plot.ts";
import type { Sample } from "../../model/series.ts";
import { readDay, type ProcessedData } from "../reading.ts";
import { builder, type SchemaShape } from "./builder.ts";

const SeriesWindow = builder.enumType("SeriesWindow", {
  values: {
    DAY: { description: "That UTC day alone." },
    PLOT: { description: "All that the picture shows." },
  },
});

export const DataPoint = builder.objectRef<Pick<Sample, "timeMs" | "rmsMv" | "clipped">>("DataPoint").implement({
  description: "One sample of the tremor.",
  fields: (t) => ({
    timestamp: t.field({ type: "DateTime", resolve: ({ timeMs }) => timeMs }),
    value: t.exposeFloat("rmsMv", { description: "RMS amplitude, mV." }),
    clipped: t.exposeBoolean("clipped", {
      description: "The curve ran out of the plot here: the true value lies at or beyond this one.",
    }),
  }),
});

const AxisFound = builder.enumType("AxisFound", {
  description: "How an axis was found.",
  values: {
    LABELS: { value: "labels", description: "Read from its labels." },
    ASSUMED: { value: "assumed", description: "Its labels could not be read, so the usual axis is assumed." },
  } as const,
});

const AmplitudeScale = builder.enumType("AmplitudeScale", {
  values: { LOG: { value: "log" }, LINEAR: { value: "linear" } } as const,
});

const PlotAreaType = builder.objectRef<PlotArea>("PlotArea").implement({
  description: "The rectangle inside the axes: pixel columns from the left and rows from the top of the image.",
  fields: (t) => ({
    left: t.exposeInt("leftPx"),
    top: t.exposeInt("topPx"),
    right: t.exposeInt("rightPx"),
    bottom: t.exposeInt("bottomPx"),
  }),
});

const TimeAxisType = builder.objectRef<TimeAxis>("TimeAxis").implement({
  description: "The time axis, a straight line in the pixel column.",
  fields: (t) => ({
    found: t.expose("found", { type: AxisFound }),
    start: t.field({ type: "DateTime", description: "At the frame's left line.", resolve: ({ startMs }) => startMs }),
    end: t.field({ type: "DateTime", description: "At the frame's right line.", resolve: ({ endMs }) => endMs }),
    secondsPerPixel: t.float({ resolve: ({ msPerPx }) => msPerPx / 1000 }),
    residual: t.exposeFloat("residualPx", { description: "RMS distance of the labels from the fitted line, pixels." }),
  }),
});

const AmplitudeAxisType = builder.objectRef<AmplitudeAxis>("AmplitudeAxis").implement({
  description: "The amplitude axis.",
  fields: (t) => ({
    found: t.expose("found", { type: AxisFound }),
    scale: t.expose("scale", { type: AmplitudeScale }),
    min: t.exposeFloat("minMv", { description: "At the frame's bottom line, mV." }),
    max: t.exposeFloat("maxMv", { description: "At the frame's top line, mV." }),
    residual: t.exposeFloat("residualPx", { description: "RMS distance of the labels from the fitted line, pixels." }),
  }),
});

const CalibrationType = builder.objectRef<Calibration>("Calibration").implement({
  description: "The map from pixels to time and mV.",
  fields: (t) => ({
    plotArea: t.expose("plotArea", { type: PlotAreaType }),
    time: t.expose("time", { type: TimeAxisType }),
    amplitude: t.expose("amplitude", { type: AmplitudeAxisType }),
  }),
});

const FidelityType = builder.objectRef<Fidelity>("Fidelity").implement({
  description:
    "How well the samples, drawn again as the plot's renderer draws, give back the picture: shares from 0 to 1.",
  fields: (t) => ({
    explained: t.exposeFloat("explained", {
      description: "Of the curve's ink in the picture, what the samples explain.",
    }),
    present: t.exposeFloat("present", { description: "Of the redrawn ink, what is there in the picture." }),
  }),
});

const SAMPLES_A_DAY = 144;
const DAYS_OF_PLOT = 7;
/** All of a plot's samples are read, whatever is asked of them: that takes as long as so many fields of points do. */
const READING_COMPLEXITY = 90;

const ProcessedDataType = builder.objectRef<ProcessedData>("ProcessedData").implement({
  description: "The numbers that a day's plot shows, a sample every ten minutes.",
  fields: (t) => ({
    date: t.field({ type: "Date", resolve: ({ day }) => day }),
    count: t.int({ description: "How many points there are.", resolve: ({ samples }) => samples.length }),
    points: t.expose("samples", {
      type: [DataPoint],
      description: `By time: ${SAMPLES_A_DAY} of a day, ${DAYS_OF_PLOT} times as many of a plot of seven days.`,
      complexity: { field: 1, multiplier: SAMPLES_A_DAY }, // `data` tells of how many days
    }),
    calibration: t.expose("calibration", {
      type: CalibrationType,
      nullable: true,
      description: "Null where the plot's axes could not be read, or it wasn't read yet.",
    }),
    fidelity: t.expose("fidelity", {
      type: FidelityType,
      nullable: true,
      description: "Null where no curve could be read.",
    }),
    problem: t.exposeString("problem", {
      nullable: true,
      description: "In words, where the plot could not be read well; never null when there are no points.",
    }),
  }),
});

/** The field `data` of an archive. */
export function dataField(t: ObjectFieldBuilder<PothosTypes, CatalogDay>) {
  return t.field({
    type: ProcessedDataType,
    description: "What the day's plot shows, as numbers.",
    args: { window: t.arg({ type: SeriesWindow, required: true, defaultValue: "DAY" }) },
    complexity: ({ window }) => ({ field: READING_COMPLEXITY, multiplier: window === "PLOT" ? DAYS_OF_PLOT : 1 }),
    resolve: ({ day }, { window }, { services }) => readDay(services.catalog, day, window),
  });
}

type PothosTypes = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer Types> ? Types : SchemaShape & never;
