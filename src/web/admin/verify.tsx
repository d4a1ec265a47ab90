/** Has all that is kept looked at, and tells what isn't as it was written. */
import { useFormats } from "../language/format.ts";
import { useTexts } from "../language/language.ts";
import { VerifyDocument } from "../operations.ts";
import { useTask } from "./use-task.ts";
import { Working } from "./working.tsx";

/** Findings asked for; a sound archive has none, and of a broken one these show what it is. */
const MOST_FINDINGS = 20;

export function Verify() {
  const { admin: texts } = useTexts();
  const formats = useFormats();
  const { seconds, result, failure, start } = useTask(VerifyDocument);
  const told = result?.verify;
  const done = told?.__typename === "VerifySuccess" ? told : undefined;
  const problem = told !== undefined && "message" in told ? told.message : undefined;
  return (
    <section class="task">
      <h2>{texts.verify}</h2>
      <p class="aside">{texts.verifyWhy}</p>
      <p>
        <button
          type="button"
          disabled={seconds !== undefined}
          onClick={() => start({ input: { repair: false }, first: MOST_FINDINGS })}
        >
          {texts.verify}
        </button>
      </p>
      <Working {...{ seconds, failure, problem }} />
      {done !== undefined && (
        <div role="status">
          <p class={done.damaged > 0 ? "caution" : undefined}>
            {texts.verified(formats.number(done.pictures), formats.bytes(done.bytes))}{" "}
            {done.damaged === 0 ? texts.sound : texts.damaged(done.damaged)}
          </p>
          {done.findings.length > 0 && (
            <ul class="findings">
              {done.findings.map(({ kind, date, file, message }) => (
                <li key={`${kind} ${date} ${file} ${message}`}>{message}</li>
              ))}
            </ul>
          )}
        </div>
      )}
    </section>
  );
}
