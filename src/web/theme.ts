/** Light or dark: as the system is set, until the reader chooses. */
import { createRemembered } from "./remembered.ts";
import { createStore, useStore, type Store } from "./store.ts";

export type Theme = "light" | "dark";

const chosen = createRemembered<Theme>("etna-theme", ["light", "dark"]);
const systemDark = matchMedia("(prefers-color-scheme: dark)");

const current = (): Theme => chosen.get() ?? (systemDark.matches ? "dark" : "light");
export const theme: Store<Theme> = createStore(current());

export function followTheme(): void {
  const apply = (): void => {
    const now = current();
    document.documentElement.dataset["theme"] = now;
    theme.set(now);
  };
  chosen.watch(apply);
  systemDark.addEventListener("change", apply);
  apply();
}

/** Which theme it is, and how to change to the other. What the system has anyway isn't remembered. */
export function useTheme(): [Theme, () => void] {
  const now = useStore(theme);
  return [
    now,
    () => {
      const other: Theme = now === "dark" ? "light" : "dark";
      chosen.set(other === (systemDark.matches ? "dark" : "light") ? undefined : other);
    },
  ];
}
