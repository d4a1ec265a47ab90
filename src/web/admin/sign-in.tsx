/** Asks for the admin's token, and has the server say whether it is the right one. */
import { useState } from "preact/hooks";
import { ask, AskFailed } from "../client.ts";
import { useTexts } from "../language/language.ts";
import { CleanupDocument } from "../operations.ts";
import { TokenField } from "../parts/token-field.tsx";
import { adminToken } from "./session.ts";
import { Working } from "./working.tsx";

export function SignIn() {
  const { admin: texts } = useTexts();
  const [token, setToken] = useState("");
  const [isChecking, setChecking] = useState(false);
  const [failure, setFailure] = useState<AskFailed>();

  const check = async (event: Event): Promise<void> => {
    event.preventDefault();
    setChecking(true);
    setFailure(undefined);
    try {
      // A cleanup that only tells what would go changes nothing, and only an admin may ask for it.
      await ask(CleanupDocument, { input: { dryRun: true } }, { token: token.trim() });
      adminToken.set(token.trim());
    } catch (error) {
      if (!(error instanceof AskFailed)) throw error;
      setFailure(error);
    } finally {
      setChecking(false);
    }
  };
  return (
    <form class="task token-form" onSubmit={(event) => void check(event)}>
      <h2>{texts.signIn}</h2>
      <p class="aside">{texts.signInWhy}</p>
      <TokenField label={texts.token} token={token} onToken={setToken} />
      <Working seconds={undefined} failure={failure} />
      <button type="submit" disabled={isChecking}>
        {isChecking ? texts.checking : texts.enter}
      </button>
    </form>
  );
}
