/** Episodes: when the tremor rose as in an eruption, how long and how high, each leading to the chart of it. */
import type { ComponentChildren } from "preact";
import { durationWords, parseDuration } from "../language/duration.ts";
import { useFormats } from "../language/format.ts";
import { localeOf, useLanguage, useTexts } from "../language/language.ts";
import { createLogScale } from "../now/log-scale.ts";
import { EpisodePageDocument, type EpisodePageQuery } from "../operations.ts";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { hrefOf } from "../place.ts";
import { useQuery } from "../use-query.ts";
import type { ViewProps } from "../view.ts";

const PAGE = 25;
const LEAST_AIR_MS = 6 * 3_600_000;

type Episode = EpisodePageQuery["episodes"]["edges"][number]["node"];

/** @param state `after` or `before`: the cursor that the page begins behind, or ends before */
export function Episodes({ state: { after, before } }: ViewProps) {
  const { episodes: texts } = useTexts();
  const formats = useFormats();
  const variables = before !== undefined ? { last: PAGE, before } : { first: PAGE, ...(after && { after }) };
  const { data, error, asking, askAgain } = useQuery(EpisodePageDocument, variables);
  if (data === undefined) return error === undefined ? <Loading rem={44} /> : <Failed {...{ error, askAgain }} />;

  const { totalCount, edges, pageInfo } = data.episodes;
  if (totalCount === 0)
    return (
      <Empty title={texts.emptyTitle}>
        <p>{texts.empty}</p>
      </Empty>
    );
  const scale = createLogScale(edges.map(({ node }) => node.peak.value));
  return (
    <section class="episodes" aria-busy={asking}>
      <div class="view-head">
        <h1>{texts.heading}</h1>
        <p class="aside">{texts.count(formats.number(totalCount), totalCount)}</p>
      </div>
      {error?.kind === "REFUSED" && <p role="alert">{error.message}</p>}
      <table class="figures stacking" aria-label={texts.heading}>
        <thead>
          <tr>
            <th scope="col" aria-sort="descending">
              {texts.onset}
            </th>
            <th scope="col" class="number">
              {texts.duration}
            </th>
            <th scope="col" class="number">
              {texts.rise}
            </th>
            <th scope="col" class="number">
              {texts.peak}
            </th>
            <th scope="col">{texts.peakAt}</th>
          </tr>
        </thead>
        <tbody>
          {edges.map(({ node }) => (
            <Row key={node.onset} episode={node} part={scale.partOf(node.peak.value)} />
          ))}
        </tbody>
      </table>
      {(pageInfo.hasPreviousPage || pageInfo.hasNextPage) && (
        <nav class="pager" aria-label={texts.pages}>
          <PageLink to={pageInfo.hasPreviousPage ? { before: pageInfo.startCursor! } : undefined}>
            ‹ {texts.newer}
          </PageLink>
          <PageLink to={pageInfo.hasNextPage ? { after: pageInfo.endCursor! } : undefined}>{texts.older} ›</PageLink>
        </nav>
      )}
      <p class="help always">{texts.how}</p>
    </section>
  );
}

function Row({ episode, part }: { episode: Episode; part: number }) {
  const { episodes: texts, frame } = useTexts();
  const formats = useFormats();
  const locale = localeOf(useLanguage());
  const { onset, end, endsInGap, peak, duration, riseTime } = episode;
  return (
    <tr>
      <th scope="row">
        <a href={hrefOf("record", spanOf(episode))}>
          <time dateTime={onset}>{formats.instant(Date.parse(onset), "utc")}</time>
        </a>{" "}
        <span class="aside">{frame.utc}</span>
      </th>
      <td class="number" data-label={texts.duration}>
        {durationWords(duration, locale)}
        {(end === null || endsInGap) && <small>{end === null ? texts.running : texts.unseen}</small>}
      </td>
      <td class="number" data-label={texts.rise}>
        {durationWords(riseTime, locale)}
      </td>
      <td class="number peak" data-label={texts.peak}>
        <span class="peak-bar" style={{ width: `calc((100% - var(--s5)) * ${part})` }} />
        <strong>{formats.peak(peak)}</strong>
        {peak.clipped && <small>{texts.clipped}</small>}
      </td>
      <td data-label={texts.peakAt}>
        <time dateTime={peak.timestamp}>{formats.instant(Date.parse(peak.timestamp), "utc")}</time>
      </td>
    </tr>
  );
}

function PageLink({ to, children }: { to: Record<string, string> | undefined; children: ComponentChildren }) {
  return to === undefined ? <span class="aside">{children}</span> : <a href={hrefOf("episodes", to)}>{children}</a>;
}

/** The episode with half of its length around it, so that the rest before and after is seen too. */
function spanOf({ onset, duration }: Episode): { from: string; to: string } {
  const lengthMs = parseDuration(duration);
  const airMs = Math.max(LEAST_AIR_MS, lengthMs / 2);
  const startMs = Date.parse(onset);
  const minute = (timeMs: number): string => `${new Date(timeMs).toISOString().slice(0, 16)}Z`;
  return { from: minute(startMs - airMs), to: minute(startMs + lengthMs + airMs) };
}
