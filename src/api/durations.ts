/**
 * Durations as ISO 8601 writes them: PT10M, PT1H, P1D, P1W.
 * Owns the text; months and years have no fixed length, so they are none.
 */
import { InvalidRequest } from "../model/errors.ts";

const FORM =
  /^P(?=.)(?:(?<weeks>\d{1,6})W)?(?:(?<days>\d{1,7})D)?(?:T(?=\d)(?:(?<hours>\d{1,8})H)?(?:(?<minutes>\d{1,9})M)?(?:(?<seconds>\d{1,11})S)?)?$/;

const UNITS = [
  { name: "weeks", ms: 604_800_000 },
  { name: "days", ms: 86_400_000 },
  { name: "hours", ms: 3_600_000 },
  { name: "minutes", ms: 60_000 },
  { name: "seconds", ms: 1000 },
] as const;

/** In ms. @throws {InvalidRequest} */
export function parseDuration(text: string): number {
  const parts = FORM.exec(text)?.groups;
  if (parts === undefined)
    throw new InvalidRequest(
      `Invalid duration ${JSON.stringify(text.slice(0, 40))}. Use ISO 8601 in weeks, days, hours and minutes, such as PT10M, PT1H or P1D`,
    );
  return UNITS.reduce((sum, { name, ms }) => sum + Number(parts[name] ?? 0) * ms, 0);
}

/** In days, hours, minutes and seconds: `P1DT2H`. @param durationMs not negative; what is below a second is left out */
export function formatDuration(durationMs: number): string {
  let left = Math.floor(durationMs / 1000) * 1000;
  let [date, time] = ["", ""];
  for (const { name, ms } of UNITS.slice(1)) {
    const count = Math.floor(left / ms);
    left -= count * ms;
    if (count === 0) continue;
    if (name === "days") date = `${count}D`;
    else time += `${count}${name[0]!.toUpperCase()}`;
  }
  return date === "" && time === "" ? "PT0S" : `P${date}${time === "" ? "" : `T${time}`}`;
}
