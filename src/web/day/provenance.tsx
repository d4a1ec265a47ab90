/** Where a picture and its numbers come from, and how far to trust them. */
import type { ComponentChildren } from "preact";
import { useFormats } from "../language/format.ts";
import { useTexts } from "../language/language.ts";
import type { ArchiveDataQuery, ArchiveQuery } from "../operations.ts";
import { Facts, type Fact } from "../parts/facts.tsx";

type Archive = NonNullable<ArchiveQuery["archive"]>;
type Data = NonNullable<ArchiveDataQuery["archive"]>["data"];

/** @param archive `undefined` until it is known: the places of its facts are kept */
export function Provenance({ archive, data }: { archive: Archive | undefined; data: Data | undefined }) {
  const { day: texts, frame } = useTexts();
  const formats = useFormats();
  const { fetchedAt, sourceUrl, station, windowStart, windowEnd, sha256, size, width, height, path, stale } =
    archive ?? {};
  const utc = (instant: string): string => `${formats.instant(Date.parse(instant), "utc")} ${frame.utc}`;
  const percent = (share: number): string => formats.number(share, { style: "percent", maximumFractionDigits: 1 });
  const { fidelity, count, problem } = data ?? {};
  /** Of what is known by now, or not known at all. */
  const known = <Value,>(value: Value | null | undefined, words: (value: Value) => ComponentChildren) => {
    if (value === undefined) return undefined;
    return value === null ? texts.unknown : words(value);
  };
  const text = (value: string): string => value;
  const facts: Fact[] = [
    { label: texts.fetched, value: known(fetchedAt, utc) },
    { label: texts.station, value: known(station, text) },
    {
      label: texts.shows,
      value: known(windowStart, (start) => `${formats.instant(Date.parse(start), "utc")} – ${utc(windowEnd!)}`),
    },
    { label: texts.samples, value: known(count, formats.number) },
    {
      label: texts.fidelity,
      value: known(fidelity, ({ explained, present }) => percent(Math.min(explained, present))),
      small: fidelity && texts.fidelityWhat(percent(fidelity.explained), percent(fidelity.present)),
    },
    {
      label: texts.size,
      value: known(size, formats.bytes),
      small: width == null || height == null ? undefined : texts.pixels(String(width), String(height)),
    },
  ];
  const long: Fact[] = [
    { label: texts.from, value: <span class="long">{known(sourceUrl, text)}</span> },
    { label: texts.path, value: <span class="long">{known(path, text)}</span> },
    { label: "SHA-256", value: <code class="long">{known(sha256, text)}</code> },
  ];
  return (
    <section class="day-provenance">
      <h3>{texts.provenance}</h3>
      {stale === true && <p class="caution mild">{texts.stale}</p>}
      {problem != null && <p class="caution mild">{problem}</p>}
      <Facts facts={facts} />
      <Facts facts={long} className="lines" />
    </section>
  );
}
