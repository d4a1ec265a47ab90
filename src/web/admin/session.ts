/** The admin's token: held in memory for as long as the page is open, and nowhere else. */
import { createStore } from "../store.ts";

/** Checked by the server; `undefined` while nobody has signed in. */
export const adminToken = createStore<string | undefined>(undefined);
