/** Asks for the token for reading, where the server wants one. */
import { useEffect, useRef, useState } from "preact/hooks";
import { setReadToken, type FailureKind } from "../client.ts";
import { useTexts } from "../language/language.ts";
import { tokenChanged } from "../live.ts";
import { TokenField } from "./token-field.tsx";

export function TokenForm({ kind }: { kind: FailureKind }) {
  const { frame } = useTexts();
  const [token, setToken] = useState("");
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  return (
    <form
      class="state token-form"
      onSubmit={(event) => {
        event.preventDefault();
        setReadToken(token.trim());
        tokenChanged();
      }}
    >
      <h1>{frame.tokenTitle}</h1>
      <p>{frame.tokenWhy}</p>
      <TokenField label={frame.token} token={token} onToken={setToken} input={input} />
      {kind === "TOKEN_WRONG" && <p role="alert">{frame.tokenWrong}</p>}
      <button type="submit">{frame.open}</button>
    </form>
  );
}
