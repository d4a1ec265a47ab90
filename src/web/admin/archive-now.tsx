/** Fetches the plot at once, and tells what became of it. */
import { useTexts } from "../language/language.ts";
import { ArchiveNowDocument } from "../operations.ts";
import { hrefOf } from "../place.ts";
import { useTask } from "./use-task.ts";
import { Working } from "./working.tsx";

export function ArchiveNow() {
  const { admin: texts } = useTexts();
  const { seconds, result, failure, start } = useTask(ArchiveNowDocument);
  const told = result?.archiveNow;
  const done = told?.__typename === "ArchiveNowSuccess" ? told : undefined;
  const problem = told !== undefined && "message" in told ? told.message : undefined;
  return (
    <section class="task">
      <h2>{texts.archive}</h2>
      <p class="aside">{texts.archiveWhy}</p>
      <p>
        <button type="button" disabled={seconds !== undefined} onClick={() => start({ input: {} })}>
          {texts.archive}
        </button>
      </p>
      <Working {...{ seconds, failure, problem }} />
      {done !== undefined && (
        <p role="status">
          {texts.outcomes[done.outcome === "ARCHIVED" ? "ARCHIVED" : "UNCHANGED"]}{" "}
          {done.cleanup != null && done.cleanup.deletedCount > 0 && `${texts.letGo(done.cleanup.deletedCount)} `}
          <a href={hrefOf("day", { date: done.archive.date })}>{texts.opened}</a>
        </p>
      )}
    </section>
  );
}
