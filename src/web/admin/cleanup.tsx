/** Lets go of old pictures: first tells which, then asks whether they should go. */
import { useState } from "preact/hooks";
import { useFormats } from "../language/format.ts";
import { useTexts } from "../language/language.ts";
import { CleanupDocument } from "../operations.ts";
import { useTask } from "./use-task.ts";
import { Working } from "./working.tsx";

/** @param retentionDays as the server is set */
export function Cleanup({ retentionDays }: { retentionDays: number }) {
  const { admin: texts } = useTexts();
  const formats = useFormats();
  const [keepDays, setKeepDays] = useState(String(retentionDays));
  const { seconds, result, failure, start, forget } = useTask(CleanupDocument);
  const told = result?.cleanup;
  const done = told?.__typename === "CleanupSuccess" ? told : undefined;
  const problem = told !== undefined && "message" in told ? told.message : undefined;
  const clean = (dryRun: boolean): void => start({ input: { dryRun, retentionDays: Number(keepDays) } });
  return (
    <section class="task">
      <h2>{texts.cleanup}</h2>
      <p class="aside">{texts.cleanupWhy}</p>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          clean(true);
        }}
      >
        <label>
          {texts.keepDays}
          <input
            type="number"
            required
            min={-1}
            step={1}
            value={keepDays}
            aria-describedby="keep-all"
            onInput={({ currentTarget }) => {
              setKeepDays(currentTarget.value);
              forget(); // what was told is of another number
            }}
          />
        </label>
        <button disabled={seconds !== undefined}>{texts.tryOut}</button>
        <small id="keep-all" class="aside">
          {texts.keepAll}
        </small>
      </form>
      <Working {...{ seconds, failure, problem }} />
      {done !== undefined && (
        <div role="status">
          {!done.dryRun ? (
            <p>{texts.gone(done.deletedCount, formats.bytes(done.freedBytes))}</p>
          ) : done.deletedCount === 0 ? (
            <p>{texts.nothingGoes}</p>
          ) : (
            <>
              <p>{texts.wouldGo(done.deletedCount, formats.bytes(done.freedBytes))}</p>
              <p class="aside">{range(done.dates, formats.day)}</p>
            </>
          )}
        </div>
      )}
      {done?.dryRun === true && done.deletedCount > 0 && (
        <p class="row">
          <button type="button" class="grave" onClick={() => clean(false)}>
            {texts.confirm(done.deletedCount)}
          </button>
          <button type="button" onClick={forget}>
            {texts.cancel}
          </button>
        </p>
      )}
    </section>
  );
}

/** A few days each by its name, many by the first and the last. */
function range(dates: readonly string[], name: (day: string) => string): string {
  if (dates.length <= 5) return dates.map(name).join("; ");
  return `${name(dates[0]!)} – ${name(dates.at(-1)!)}`;
}
