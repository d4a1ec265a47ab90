/**
 * Where a picture of the server is shown from: its own address, or, where reading needs a token, which an image can't
 * send, this page's memory.
 */
import { useEffect, useState } from "preact/hooks";
import { getFile, readsAreClosed } from "../client.ts";

export interface Image {
  /** `undefined` until it is there. */
  url: string | undefined;
  /** It can't be had. */
  failed: boolean;
}

/** @param path from the page's address on; `undefined` until it is known */
export function useImage(path: string | undefined): Image {
  const [fetched, setFetched] = useState<Image & { path: string }>();
  useEffect(() => {
    if (path === undefined || !readsAreClosed()) return;
    const leaving = new AbortController();
    let url: string | undefined;
    void load(path).catch(() => {
      if (!leaving.signal.aborted) setFetched({ path, url: undefined, failed: true });
    });
    return () => {
      leaving.abort();
      if (url !== undefined) URL.revokeObjectURL(url);
    };

    async function load(path: string): Promise<void> {
      const blob = await (await getFile(path, leaving.signal)).blob();
      leaving.signal.throwIfAborted();
      url = URL.createObjectURL(blob);
      setFetched({ path, url, failed: false });
    }
  }, [path]);
  if (path === undefined || !readsAreClosed()) return { url: path, failed: false };
  return fetched?.path === path ? fetched : { url: undefined, failed: false };
}
