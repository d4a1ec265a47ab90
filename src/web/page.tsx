/** The frame around each view: its name, the way to the others, the reader's settings, and what must always be said. */
import type { ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { AskFailed, getFile } from "./client.ts";
import { speak, useLanguage, useTexts } from "./language/language.ts";
import { connection, news, tryAgain } from "./live.ts";
import { StatusDocument } from "./operations.ts";
import { Icon } from "./parts/icons.tsx";
import { Failed, Loading } from "./parts/states.tsx";
import { TokenForm } from "./parts/token-form.tsx";
import { hrefOf, usePlace } from "./place.ts";
import { useStore } from "./store.ts";
import { useTheme } from "./theme.ts";
import { useQuery } from "./use-query.ts";
import type { View, ViewProps } from "./view.ts";
import { VIEWS } from "./views.ts";

export function Page() {
  const texts = useTexts();
  const { frame } = texts;
  const { view: name, state } = usePlace();
  const view = name === "" ? VIEWS[0] : VIEWS.find((one) => one.name === name);
  const title = view?.title(texts);
  const main = useRef<HTMLElement>(null);
  const status = useQuery(StatusDocument, {});
  const closed = status.error?.kind === "TOKEN_NEEDED" || status.error?.kind === "TOKEN_WRONG";
  const arrived = useRef(false);

  useEffect(() => {
    document.title = title === undefined ? frame.title : `${title} · ${frame.title}`;
  }, [title, frame]);
  useEffect(() => {
    if (arrived.current) {
      // Whoever can't see the view change hears where they are, and goes on from there by keyboard.
      main.current?.focus();
      scrollTo(0, 0);
    }
    arrived.current = true;
  }, [view]);

  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault(); // what stands after # is the view
          main.current?.focus();
        }}
      >
        {frame.skip}
      </a>
      <Header current={view} synthetic={status.data?.status.synthetic === true} />
      <Banners />
      <main id="main" ref={main} tabIndex={-1} aria-label={title}>
        {closed ? (
          <TokenForm kind={status.error!.kind} />
        ) : view === undefined ? (
          <div class="state">
            <h1>{frame.noView}</h1>
          </div>
        ) : (
          <Shown key={view.name} view={view} state={state} />
        )}
      </main>
      <Footer warns={view !== VIEWS[0]} synthetic={status.data?.status.synthetic} />
    </>
  );
}

/** A view, once it is loaded. Where its file can't be had, it is tried again when the server can be heard again. */
function Shown({ view, state }: ViewProps & { view: View }) {
  const [Loaded, setLoaded] = useState<ComponentType<ViewProps> | undefined>(() => {
    const loaded = view.load();
    if (!(loaded instanceof Promise)) return loaded;
    loaded.catch(() => {}); // told below, where it is awaited
    return undefined;
  });
  const [error, setError] = useState<AskFailed>();
  const [again, setAgain] = useState(0);
  const newsCount = useStore(news);
  useEffect(() => {
    if (Loaded === undefined) void load();

    async function load(): Promise<void> {
      try {
        const loaded = await view.load();
        setLoaded(() => loaded);
      } catch {
        // The server was updated while the page was open, and the view's file is gone.
        if (await isOutdated().catch(() => false)) location.reload();
        else setError(new AskFailed("UNREACHABLE", view.name));
      }
    }
  }, [view, newsCount, again]);
  if (Loaded !== undefined) return <Loaded state={state} />;
  return error === undefined ? <Loading rem={36} /> : <Failed error={error} askAgain={() => setAgain(again + 1)} />;
}

/** Does the server have another page by now than this one? @throws {AskFailed} */
async function isOutdated(): Promise<boolean> {
  const page = await (await getFile(".")).text();
  return !page.includes(import.meta.url.split("/").at(-1)!);
}

function Header({ current, synthetic }: { current: View | undefined; synthetic: boolean }) {
  const texts = useTexts();
  const { frame } = texts;
  const nav = useRef<HTMLElement>(null);
  // On a phone the views don't all fit: the one that is shown should be among those that do.
  useEffect(() => {
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [current, texts]);
  return (
    <header class="frame-header">
      <div class="brand">
        <a href={hrefOf("")}>
          <Icon name="trace" />
          {frame.title}
        </a>
        {synthetic && <p title={frame.demo}>{frame.demoShort}</p>}
      </div>
      <nav ref={nav} aria-label={frame.views}>
        <ul>
          {VIEWS.map((view, at) => (
            <li key={view.name}>
              <a href={hrefOf(at === 0 ? "" : view.name)} aria-current={view === current ? "page" : undefined}>
                {view.title(texts)}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <Settings />
    </header>
  );
}

function Settings() {
  const { frame } = useTexts();
  const language = useLanguage();
  const [theme, changeTheme] = useTheme();
  return (
    <div class="settings" role="group" aria-label={frame.settings}>
      {(["en", "it"] as const).map((one) => (
        <button
          key={one}
          type="button"
          class="quiet"
          lang={one}
          title={{ en: "English", it: "Italiano" }[one]}
          aria-pressed={one === language}
          onClick={() => speak(one)}
        >
          {one.toUpperCase()}
        </button>
      ))}
      <button
        type="button"
        class="quiet"
        aria-label={theme === "dark" ? frame.toLight : frame.toDark}
        onClick={changeTheme}
      >
        <Icon name={theme === "dark" ? "sun" : "moon"} />
      </button>
    </div>
  );
}

function Banners() {
  const { frame } = useTexts();
  const state = useStore(connection);
  const told = { CONNECTING: undefined, OPEN: undefined, LOST: frame.lost, REFUSED: frame.noNews }[state];
  return (
    <div class="banners" role="status">
      {told !== undefined && (
        <p class="banner lost">
          {told}{" "}
          <button type="button" class="link" onClick={tryAgain}>
            {frame.tryAgain}
          </button>
        </p>
      )}
    </div>
  );
}

/** @param warns the first view says itself that it is no warning */
function Footer({ warns, synthetic }: { warns: boolean; synthetic: boolean | undefined }) {
  const { frame } = useTexts();
  return (
    <footer class="frame-footer">
      {warns && (
        <p>
          {frame.noWarning} <a href="https://www.ct.ingv.it/">INGV</a>.
        </p>
      )}
      {synthetic !== undefined && <p>{synthetic ? frame.demo : frame.source}</p>}
      <p>
        <a href="graphql">{frame.api}</a> · <a href="api/openapi.json">{frame.rest}</a>
      </p>
    </footer>
  );
}
