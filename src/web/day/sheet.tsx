/** One archived day: its picture, what it says in numbers, and where it comes from. */
import { useMemo } from "preact/hooks";
import { addDays } from "../calendar/dates.ts";
import { serverNow } from "../client.ts";
import { useFormats } from "../language/format.ts";
import { useTexts } from "../language/language.ts";
import { ArchiveDataDocument, ArchiveDocument, DayNeighboursDocument } from "../operations.ts";
import { Download } from "../parts/download.tsx";
import { Empty, Failed } from "../parts/states.tsx";
import { useQuery } from "../use-query.ts";
import { curvePath } from "./curve.ts";
import { Picture } from "./picture.tsx";
import { Provenance } from "./provenance.tsx";
import { Statistics } from "./statistics.tsx";
import { useImage } from "./use-image.ts";
import type { Zoom } from "./zoom.ts";

export interface SheetProps {
  date: string;
  /** Where another day in this one's place is. */
  hrefTo: (date: string) => string;
  hasCurve: boolean;
  zoom: Zoom;
  onZoom: (zoom: Zoom) => void;
}

/** Of the published plots, until it is known. */
const USUAL_SIZE = { width: 1024, height: 400 };

export function Sheet({ date, hrefTo, hasCurve, zoom, onZoom }: SheetProps) {
  const { day: texts } = useTexts();
  const formats = useFormats();
  const found = useQuery(ArchiveDocument, { date });
  const archive = found.data?.archive;
  const numbers = useQuery(ArchiveDataDocument, archive == null ? undefined : { date, window: "PLOT" as const });
  const data = numbers.data?.archive?.data;
  const curve = useMemo(() => (data === undefined ? "" : curvePath(data)), [data]);
  const picture = archive == null ? undefined : pictureOf(archive);
  const image = useImage(picture);
  const name = formats.day(date);

  if (found.data === undefined && found.error !== undefined)
    return <Failed error={found.error} askAgain={found.askAgain} />;
  const file = `api/archives/data/${date}?window=plot`;
  return (
    <article class="sheet">
      <Turn {...{ date, hrefTo }} />
      {archive === null ? (
        <Empty title={texts.noDay(name)}>
          <p>{Date.parse(date) > serverNow() ? texts.notYet : texts.noDayWhy}</p>
        </Empty>
      ) : (
        <Picture
          image={image}
          width={archive?.width ?? USUAL_SIZE.width}
          height={archive?.height ?? USUAL_SIZE.height}
          label={texts.picture(name)}
          curve={hasCurve ? curve : ""}
          {...{ zoom, onZoom }}
        />
      )}
      {archive !== null && (
        <p class="links">
          <span class="aside">{texts.download}</span>
          <Download href={picture ?? `api/archives/graph/${date}`} name={`etna_${date}.png`}>
            {texts.png}
          </Download>
          <Download href={`${file}&format=csv`} name={`etna_${date}_plot.csv`}>
            {texts.csv}
          </Download>
          <Download href={file} name={`etna_${date}_plot.json`}>
            {texts.json}
          </Download>
        </p>
      )}
      <div class="sheet-rest">
        <Statistics date={date} />
        {archive !== null && <Provenance {...{ archive, data }} />}
      </div>
    </article>
  );
}

/** The day's name between the ways to the archived days next to it. */
function Turn({ date, hrefTo }: Pick<SheetProps, "date" | "hrefTo">) {
  const { day: texts } = useTexts();
  const formats = useFormats();
  const { data } = useQuery(DayNeighboursDocument, { before: addDays(date, -1), after: addDays(date, 1) });
  const [previous, next] = [data?.previous, data?.next].map((list) => list?.edges[0]?.node.date);
  const link = (to: string | undefined, label: string, sign: string) =>
    to === undefined ? (
      <span class="step aside" aria-hidden="true">
        {sign}
      </span>
    ) : (
      <a
        class="step"
        href={hrefTo(to)}
        aria-label={`${label}: ${formats.day(to)}`}
        title={`${label}: ${formats.day(to)}`}
      >
        {sign}
      </a>
    );
  return (
    <div class="turn">
      {link(previous, texts.previous, "‹")}
      <h2>{formats.day(date)}</h2>
      {link(next, texts.next, "›")}
    </div>
  );
}

/**
 * From the page's address on. Another picture of the day has another address: what a browser has shown under one, it
 * shows again without asking, and the curve of the new plot would lie over the old one.
 */
const pictureOf = ({ date, sha256 }: { date: string; sha256: string | null }): string =>
  `api/archives/graph/${date}${sha256 === null ? "" : `?v=${sha256.slice(0, 16)}`}`;
