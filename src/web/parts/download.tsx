/** A link to a file of the server, which is saved under a name; with the token where reading needs one. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { getFile, readsAreClosed } from "../client.ts";
import { useTexts } from "../language/language.ts";

/** @param href from the page's address on */
export function Download({ href, name, children }: { href: string; name: string; children: ComponentChildren }) {
  const { record } = useTexts();
  const [failed, setFailed] = useState(false);
  const save = async (event: Event): Promise<void> => {
    if (!readsAreClosed()) return; // the browser does it, and shows how far it is
    event.preventDefault();
    setFailed(false);
    try {
      const url = URL.createObjectURL(await (await getFile(href)).blob());
      Object.assign(document.createElement("a"), { href: url, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } catch {
      setFailed(true);
    }
  };
  return (
    <>
      <a href={href} download={name} onClick={save}>
        {children}
      </a>
      {failed && <span role="alert">{record.downloadFailed}</span>}
    </>
  );
}
