/** Which language the page speaks: the browser's, until the reader chooses another. */
import { createRemembered } from "../remembered.ts";
import { createStore, useStore } from "../store.ts";
import { en, type Texts } from "./en.ts";
import { it } from "./it.ts";

export type Language = "en" | "it";

const TEXTS: Record<Language, Texts> = { en, it };

const chosen = createRemembered<Language>("etna-language", ["en", "it"]);
const ofBrowser = (): Language =>
  navigator.languages.map((tag) => tag.slice(0, 2)).find((tag): tag is Language => tag in TEXTS) ?? "en";

const language = createStore<Language>(chosen.get() ?? ofBrowser());

export function followLanguage(): void {
  const apply = (): void => {
    document.documentElement.lang = language.get();
  };
  language.watch(apply);
  apply();
}

export const useLanguage = (): Language => useStore(language);
export const useTexts = (): Texts => TEXTS[useLanguage()];

/** For numbers and dates: the browser's own locale where it speaks the page's language, as British or Swiss do. */
export const localeOf = (spoken: Language): string =>
  navigator.languages.find((tag) => tag.slice(0, 2) === spoken) ?? spoken;

/** What the browser asks for anyway isn't remembered. */
export function speak(next: Language): void {
  chosen.set(next === ofBrowser() ? undefined : next);
  language.set(next);
}
