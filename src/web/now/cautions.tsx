/** What the reader must know before believing what is shown: old data, a source that is down, days not yet read. */
import { useFormats } from "../language/format.ts";
import { useTexts } from "../language/language.ts";
import type { CurrentTremorQuery, StatusQuery } from "../operations.ts";

export function Cautions({
  service,
  tremor,
  nowMs,
}: {
  service: StatusQuery["status"];
  tremor: NonNullable<CurrentTremorQuery["currentTremor"]>;
  nowMs: number;
}) {
  const { now } = useTexts();
  const { fromNow } = useFormats();
  const { lastRun, lastSuccess } = service.schedule;
  const { waitingDays } = service.record;
  return (
    <div class="cautions">
      {tremor.stale && <p class="caution">{now.stale(fromNow(Date.parse(tremor.timestamp), nowMs))}</p>}
      {lastRun?.outcome === "FAILED" && (
        <p class="caution">
          {now.sourceDown(fromNow(Date.parse(lastRun.startedAt), nowMs))}
          {lastSuccess !== null && ` ${now.lastGood(fromNow(Date.parse(lastSuccess), nowMs))}`}
        </p>
      )}
      {waitingDays > 0 && <p class="caution mild">{now.waiting(waitingDays)}</p>}
      <p class="no-warning">
        {now.noWarning} <a href="https://www.ct.ingv.it/">INGV, Osservatorio Etneo</a>.
      </p>
    </div>
  );
}
