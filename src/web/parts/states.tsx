/** What stands in a view's place while there is nothing to show: loading, nothing there, failed. */
import type { ComponentChildren } from "preact";
import type { AskFailed } from "../client.ts";
import { useTexts } from "../language/language.ts";

/** @param rem the height that what comes will take, so that nothing moves when it is there */
export function Loading({ rem }: { rem: number }) {
  const { frame } = useTexts();
  return (
    <div class="state" role="status" style={{ minHeight: `${rem}rem` }}>
      <span class="trace-waiting" aria-hidden="true" />
      <span class="visually-hidden">{frame.loading}</span>
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="state">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Failed({ error, askAgain }: { error: AskFailed; askAgain: () => void }) {
  const { frame } = useTexts();
  return (
    <div class="state" role="alert">
      <h2>{error.kind === "UNREACHABLE" ? frame.unreachable : frame.refused}</h2>
      {error.kind !== "UNREACHABLE" && <p>{error.message}</p>}
      <button type="button" onClick={askAgain}>
        {frame.tryAgain}
      </button>
    </div>
  );
}
