/** Where a picture and its numbers come from, and how far to trust them. */
import { useFormats } from "../language/format.ts";
import { useTexts } from "../language/language.ts";
import type { ArchiveDataQuery, ArchiveQuery } from "../operations.ts";
import { Facts, type Fact } from "../parts/facts.tsx";

type Archive = NonNullable<ArchiveQuery["archive"]>;
type Data = NonNullable<ArchiveDataQuery["archive"]>["data"];

export function Provenance({ archive, data }: { archive: Archive; data: Data | undefined }) {
  const { day: texts, frame } = useTexts();
  const formats = useFormats();
  const { fetchedAt, sourceUrl, station, windowStart, windowEnd, sha256, size, width, height, path, stale } = archive;
  const utc = (instant: string): string => `${formats.instant(Date.parse(instant), "utc")} ${frame.utc}`;
  const percent = (share: number): string => formats.number(share, { style: "percent", maximumFractionDigits: 1 });
  const { fidelity, count = 0, problem } = data ?? {};
  const facts: Fact[] = [
    { label: texts.fetched, value: fetchedAt === null ? texts.unknown : utc(fetchedAt) },
    { label: texts.station, value: station ?? texts.unknown },
    {
      label: texts.shows,
      value: windowStart === null || windowEnd === null ? texts.unknown : `${utc(windowStart)} – ${utc(windowEnd)}`,
    },
    { label: texts.samples, value: data === undefined ? "…" : formats.number(count) },
    {
      label: texts.fidelity,
      value: fidelity == null ? texts.unknown : percent(Math.min(fidelity.explained, fidelity.present)),
      small: fidelity == null ? undefined : texts.fidelityWhat(percent(fidelity.explained), percent(fidelity.present)),
    },
    {
      label: texts.size,
      value: formats.bytes(size),
      small: width === null || height === null ? undefined : texts.pixels(String(width), String(height)),
    },
    { label: texts.from, value: <span class="long">{sourceUrl ?? texts.unknown}</span> },
    { label: texts.path, value: <span class="long">{path}</span> },
    { label: "SHA-256", value: <code class="long">{sha256 ?? texts.unknown}</code> },
  ];
  return (
    <section class="day-provenance">
      <h3>{texts.provenance}</h3>
      {stale && <p class="caution mild">{texts.stale}</p>}
      {problem != null && <p class="caution mild">{problem}</p>}
      <Facts facts={facts} />
    </section>
  );
}
