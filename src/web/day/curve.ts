/** The digitized curve as a path over its picture, by the calibration with which it was read. */
import type { ArchiveDataQuery } from "../operations.ts";

type Data = NonNullable<ArchiveDataQuery["archive"]>["data"];

/** Samples further apart have a gap between them. */
const CADENCE_MS = 600_000;

/** In pixels of the picture, from the middle of its first one; empty where it has no calibration. */
export function curvePath({ points, calibration }: Pick<Data, "points" | "calibration">): string {
  if (calibration === null) return "";
  const { plotArea, time, amplitude } = calibration;
  const startMs = Date.parse(time.start);
  const onScale = amplitude.scale === "LOG" ? Math.log10 : (mv: number): number => mv;
  const [least, most] = [onScale(amplitude.min), onScale(amplitude.max)];
  const rowOf = (mv: number): number =>
    plotArea.bottom - ((onScale(mv) - least) / (most - least)) * (plotArea.bottom - plotArea.top);
  let lastMs = Number.NEGATIVE_INFINITY;
  return points
    .map(({ timestamp, value }) => {
      const timeMs = Date.parse(timestamp);
      const column = plotArea.left + (timeMs - startMs) / 1000 / time.secondsPerPixel;
      const pen = timeMs - lastMs > CADENCE_MS ? "M" : "L";
      lastMs = timeMs;
      // A pixel's middle lies half a pixel from its corner, where the path's numbers count from.
      return `${pen}${(column + 0.5).toFixed(2)} ${(rowOf(value) + 0.5).toFixed(2)}`;
    })
    .join("");
}
