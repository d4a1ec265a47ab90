/**
 * Where the reader is: a view and its state, all in the address after `#`, so that a view can be shared and gone back
 * to. After `#`, since the server then needs to know one page only, wherever a proxy may have put it.
 */
import { createStore, useStore } from "./store.ts";

export interface Place {
  /** As the table of views names it; empty at the page's own address. */
  view: string;
  state: Readonly<Record<string, string>>;
}

/** What the place was read from; the address may be ahead of it for a moment. */
let hash = location.hash;
const place = createStore(parsePlace(hash));
addEventListener("hashchange", readAddress);

export const usePlace = (): Place => useStore(place);

/** `#/record?from=2025-11-01&to=2025-11-04` */
export function hrefOf(view: string, state: Readonly<Record<string, string | undefined>> = {}): string {
  const given = Object.entries(state).filter((entry): entry is [string, string] => entry[1] !== undefined);
  // Colons and commas are legal there, and times and places are easier to read with them.
  const query = new URLSearchParams(given).toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
  return `#/${view}${query && `?${query}`}`;
}

/**
 * Goes to a view, as a link does.
 * @public
 */
export function goTo(view: string, state?: Readonly<Record<string, string | undefined>>): void {
  location.hash = hrefOf(view, state);
}

/** Changes the address to what is shown now, without a step in the history: for what changes with every move. */
export function replacePlace(view: string, state: Readonly<Record<string, string | undefined>>): void {
  if (location.hash !== hash) return; // the reader is on the way elsewhere, and would be held back
  history.replaceState(history.state, "", hrefOf(view, state));
  readAddress();
}

function readAddress(): void {
  hash = location.hash;
  place.set(parsePlace(hash));
}

function parsePlace(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  return { view: path, state: Object.fromEntries(new URLSearchParams(query)) };
}
