/** That the server works, and why it couldn't: what every task of an admin shows. */
import type { AskFailed } from "../client.ts";
import { useFormats } from "../language/format.ts";
import { useTexts } from "../language/language.ts";

export interface WorkingProps {
  seconds: number | undefined;
  failure: AskFailed | undefined;
  /** An expected failure, as a result tells it. */
  problem?: string | undefined;
}

export function Working({ seconds, failure, problem }: WorkingProps) {
  const { admin: texts, frame } = useTexts();
  const formats = useFormats();
  const said = problem ?? (failure && words(failure, frame.unreachable, texts.tokenWrong));
  return (
    <>
      {seconds !== undefined && (
        <p class="working" role="status">
          <progress aria-label={texts.working("")} />
          <span aria-hidden="true">{texts.working(formats.number(seconds))}</span>
        </p>
      )}
      {said !== undefined && (
        <p class="caution" role="alert">
          {said}
        </p>
      )}
    </>
  );
}

function words({ kind, message }: AskFailed, unreachable: string, tokenWrong: string): string {
  if (kind === "UNREACHABLE") return unreachable;
  return kind === "REFUSED" ? message : tokenWrong;
}
