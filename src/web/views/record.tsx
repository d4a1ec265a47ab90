/** Record: the tremor of any stretch of time in one chart, and what that stretch holds in numbers. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";
import { useTexts } from "../language/language.ts";
import { CurrentTremorDocument, StatusDocument } from "../operations.ts";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { replacePlace } from "../place.ts";
import { Chart } from "../record/chart.tsx";
import { Downloads } from "../record/downloads.tsx";
import { createKeys } from "../record/keys.ts";
import { nearestTo } from "../record/columns.ts";
import type { Painted } from "../record/paint.ts";
import { Readout } from "../record/readout.tsx";
import { cutSpan, fitSpan, parseSpan, presetSpan, stateOf, type Preset, type Span } from "../record/span.ts";
import { Summary } from "../record/summary.tsx";
import { Table } from "../record/table.tsx";
import { Toolbar } from "../record/toolbar.tsx";
import { useEpisodes } from "../record/use-episodes.ts";
import { useRecord } from "../record/use-record.ts";
import { useSettled } from "../record/use-settled.ts";
import { useQuery } from "../use-query.ts";
import type { ViewProps } from "../view.ts";

const CADENCE_MS = 600_000;
/** The reader stands still for so long before the address and the numbers follow. */
const SETTLED_MS = 300;

export function Record({ state }: ViewProps) {
  const { record: texts, level, now } = useTexts();
  const current = useQuery(CurrentTremorDocument, {});
  const status = useQuery(StatusDocument, {});
  const firstDate = status.data?.status.record.firstDate;
  const timestamp = current.data?.currentTremor?.timestamp;
  const record = useMemo<Span | undefined>(
    () => (firstDate && timestamp ? { startMs: Date.parse(firstDate), endMs: Date.parse(timestamp) } : undefined),
    [firstDate, timestamp],
  );

  const [shown, setShown] = useState<Preset | Span>(() => parseSpan(state));
  const address = JSON.stringify(state);
  // Not when the address follows the reader, but when the reader follows an address.
  const written = useRef(address);
  useEffect(() => {
    if (address !== written.current) setShown(parseSpan(state));
    written.current = address;
  }, [address]);

  const span = useMemo(
    () => record && (typeof shown === "string" ? presetSpan(shown, record) : fitSpan(shown, record)),
    [record, shown],
  );
  const settled = useSettled(span, SETTLED_MS);
  const known = useMemo(() => settled && record && cutSpan(settled, record), [settled, record]);
  useEffect(() => {
    if (settled === undefined) return;
    const next = stateOf(shown);
    written.current = JSON.stringify(next);
    if (written.current !== address) replacePlace("record", next);
  }, [settled]);

  const chart = useRef<uPlot | undefined>(undefined);
  const [widthPx, setWidthPx] = useState(0);
  const [cursorSeconds, setCursor] = useState<number>();
  const { columns, stepMs, error, askAgain } = useRecord(record, span, widthPx || document.body.clientWidth);
  const allEpisodes = useEpisodes();
  const lastMs = record?.endMs ?? 0;
  const episodes = useMemo(
    () => allEpisodes.map((episode) => ({ ...episode, endMs: Math.min(episode.endMs, lastMs) })),
    [allEpisodes, lastMs],
  );
  const levels = status.data?.status.levels;
  const painted = useMemo<Painted | undefined>(
    () => columns && levels && { columns, levels, levelNames: level, episodes, noData: texts.noData },
    [columns, levels, level, episodes, texts],
  );

  const failure = error ?? current.error ?? status.error;
  if (status.data !== undefined && current.data !== undefined && record === undefined)
    return (
      <Empty title={now.emptyTitle}>
        <p>{now.empty}</p>
      </Empty>
    );
  if (painted === undefined || span === undefined || record === undefined) {
    if (failure === undefined) return <Loading rem={44} />;
    return <Failed error={failure} askAgain={() => (status.askAgain(), current.askAgain(), askAgain())} />;
  }

  const cursor = cursorSeconds === undefined ? undefined : nearestTo(painted.columns, cursorSeconds);
  const onKey = createKeys({
    span,
    record,
    columns: painted.columns,
    cursor,
    chart: () => chart.current,
    move: setShown,
  });
  return (
    <section class="record">
      <div class="record-head">
        <h1>{texts.heading}</h1>
        <Toolbar shown={shown} span={span} record={record} show={setShown} />
      </div>
      <Readout
        columns={painted.columns}
        cursor={cursor}
        span={cutSpan(span, record)}
        stepMs={stepMs}
        episodes={episodes}
      />
      {failure !== undefined && failure.kind === "REFUSED" && <p role="alert">{failure.message}</p>}
      <div
        class="chart"
        role="group"
        tabIndex={0}
        aria-label={texts.chart}
        aria-describedby="record-summary"
        onKeyDown={onKey}
      >
        <Chart
          painted={painted}
          span={span}
          onSpan={(next) => setShown(fitSpan(next, record))}
          onCursor={setCursor}
          onMade={(made) => {
            chart.current = made;
            if (made !== undefined) setWidthPx(made.bbox.width / devicePixelRatio);
          }}
        />
      </div>
      <p class="help always">{texts.legend}</p>
      <p class="help">{texts.help}</p>
      {known !== undefined && (
        <>
          <Summary span={known} episodes={episodes} />
          <Downloads
            span={known}
            stepMs={stepMs ?? CADENCE_MS}
            chart={() => chart.current}
            synthetic={status.data!.status.synthetic}
          />
          <Table span={known} />
        </>
      )}
    </section>
  );
}
