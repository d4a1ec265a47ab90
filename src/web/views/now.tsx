/** Now: how high the tremor is and where it goes, how fresh that is, and when more will be known. */
import { useEffect } from "preact/hooks";
import { useFormats } from "../language/format.ts";
import { useTexts } from "../language/language.ts";
import { CurrentTremorDocument, StatusDocument, type CurrentTremorQuery, type StatusQuery } from "../operations.ts";
import { Icon, LevelIcon } from "../parts/icons.tsx";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { Cautions } from "../now/cautions.tsx";
import { LastDay, useLastDay } from "../now/last-day.tsx";
import { Ruler } from "../now/ruler.tsx";
import { useClock } from "../use-clock.ts";
import { useQuery } from "../use-query.ts";

/** A run takes some seconds; only then is there news of it. */
const AFTER_RUN_MS = 20_000;
const DAY_MS = 86_400_000;

export function Now() {
  const { now } = useTexts();
  const current = useQuery(CurrentTremorDocument, {});
  const status = useQuery(StatusDocument, {});
  const nowMs = useClock();
  const tremor = current.data?.currentTremor;
  const lastMs = tremor == null ? undefined : Date.parse(tremor.timestamp);
  const day = useLastDay(lastMs === undefined ? undefined : { startMs: lastMs - DAY_MS, endMs: lastMs + 1000 });

  // Runs that find nothing new, or fail, tell nobody: so look when one should be over.
  const nextRun = status.data?.status.schedule.nextRun;
  const runIsOver = nextRun != null && nowMs > Date.parse(nextRun) + AFTER_RUN_MS;
  useEffect(() => {
    if (!runIsOver) return;
    status.askAgain();
    current.askAgain();
  }, [runIsOver, nextRun]);

  const error = current.error ?? status.error;
  if (current.data === undefined || status.data === undefined) {
    if (error === undefined) return <Loading rem={44} />;
    return <Failed error={error} askAgain={() => (current.askAgain(), status.askAgain())} />;
  }
  const service = withoutOldRuns(status.data.status);
  if (tremor == null)
    return (
      <>
        <Empty title={now.emptyTitle}>
          <p>{service.record.waitingDays > 0 ? now.waiting(service.record.waitingDays) : now.empty}</p>
        </Empty>
        <Facts service={service} nowMs={nowMs} tremor={undefined} />
      </>
    );

  return (
    <div class="now">
      <div class="now-first">
        <Statement tremor={tremor} nowMs={nowMs} />
        <Ruler valueMv={tremor.value} levels={service.levels} day={day.data?.tremor.columns} />
      </div>
      <Cautions service={service} tremor={tremor} nowMs={nowMs} />
      <LastDay answer={day} endMs={lastMs!} isStale={tremor.stale} levels={service.levels} />
      <Facts service={service} nowMs={nowMs} tremor={tremor} />
    </div>
  );
}

/** Each server knows its own runs alone: where another one leads now, what this one did last is no news. */
function withoutOldRuns(service: Service): Service {
  const { cluster, schedule } = service;
  if (cluster === null || cluster.leader === null || cluster.isLeader) return service;
  return { ...service, schedule: { ...schedule, lastRun: null, lastSuccess: null } };
}

type Tremor = NonNullable<CurrentTremorQuery["currentTremor"]>;
type Service = StatusQuery["status"];

function Statement({ tremor, nowMs }: { tremor: Tremor; nowMs: number }) {
  const { now, level, trend, frame } = useTexts();
  const formats = useFormats();
  const timeMs = Date.parse(tremor.timestamp);
  return (
    <section class={`statement${tremor.stale ? " stale" : ""}`}>
      <h1>{now.heading}</h1>
      <p class="verdict">
        <span class={`verdict-level level-${tremor.level.toLowerCase()}`}>
          <LevelIcon level={tremor.level} />
          {level[tremor.level]}
        </span>
        {tremor.trend !== null && (
          <span class="verdict-trend">
            <Icon name={tremor.trend} />
            {trend[tremor.trend]}
          </span>
        )}
      </p>
      <p class="reading">
        {tremor.clipped && <span title={now.clipped}>≥ </span>}
        {formats.amplitude(tremor.value)} <span class="unit">mV</span>
      </p>
      <p class="taken">
        <time dateTime={tremor.timestamp}>
          {formats.instant(timeMs, "local")} {frame.localTime} ({formats.clock(timeMs, "utc")} {frame.utc})
        </time>
        {", "}
        <span class="together">{formats.fromNow(timeMs, nowMs)}</span>
      </p>
    </section>
  );
}

function Facts({ service, tremor, nowMs }: { service: Service; tremor: Tremor | undefined; nowMs: number }) {
  const { now } = useTexts();
  const formats = useFormats();
  const { nextRun, lastSuccess, pattern } = service.schedule;
  const when = (instant: string) => {
    const timeMs = Date.parse(instant);
    return (
      <>
        <time dateTime={instant}>{formats.fromNow(timeMs, nowMs)}</time>
        <small>{formats.clock(timeMs, "local")}</small>
      </>
    );
  };
  return (
    <dl class="facts">
      <div>
        <dt>{now.nextPlot}</dt>
        <dd>{nextRun !== null ? when(nextRun) : pattern === null ? now.byHand : "–"}</dd>
      </div>
      <div>
        <dt>{now.lastPlot}</dt>
        <dd>{lastSuccess === null ? "–" : when(lastSuccess)}</dd>
      </div>
      {tremor?.decadesPerHour != null && (
        <div>
          <dt>{now.slope}</dt>
          <dd>
            {formats.number(100 * (10 ** (3 * tremor.decadesPerHour) - 1), {
              maximumFractionDigits: 0,
              signDisplay: "exceptZero",
            })}
            {"\u202f%"}
            <small>{now.slopeOver}</small>
          </dd>
        </div>
      )}
      {service.record.firstDate !== null && (
        <div>
          <dt>{now.recordSince}</dt>
          <dd>
            {formats.day(service.record.firstDate)}
            <small>{now.days(service.record.days)}</small>
          </dd>
        </div>
      )}
    </dl>
  );
}
