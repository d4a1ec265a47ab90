/** A setting of the reader's, remembered by the browser where it allows that. */
import { createStore, type Store } from "./store.ts";

export function createRemembered<Value extends string>(
  key: string,
  values: readonly Value[],
): Store<Value | undefined> {
  const found = read(key) as Value | null;
  const store = createStore(found !== null && values.includes(found) ? found : undefined);
  store.watch((value) => write(key, value));
  return store;
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage is closed to us
  }
}

function write(key: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Then it holds for as long as the page is open.
  }
}
