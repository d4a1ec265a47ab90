/** The field that a token is put in; browsers are asked not to keep it. */
import type { Ref } from "preact";

interface TokenFieldProps {
  label: string;
  token: string;
  onToken: (token: string) => void;
  input?: Ref<HTMLInputElement>;
}

export function TokenField({ label, token, onToken, input }: TokenFieldProps) {
  return (
    <label>
      {label}
      <input
        ref={input ?? null}
        type="password"
        autocomplete="off"
        required
        value={token}
        onInput={({ currentTarget }) => onToken(currentTarget.value)}
      />
    </label>
  );
}
