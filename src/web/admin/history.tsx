/** What the server did: runs of the archive job, and maintenance. Why something failed is told to admins alone. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { AskFailed } from "../client.ts";
import { useFormats } from "../language/format.ts";
import { useTexts } from "../language/language.ts";
import {
  ArchivalRunsDocument,
  FailedRunsDocument,
  MaintenanceRunsDocument,
  type MaintenanceSummaryFragment,
} from "../operations.ts";
import { Failed } from "../parts/states.tsx";
import { hrefOf } from "../place.ts";
import { useStore } from "../store.ts";
import { useQuery } from "../use-query.ts";
import { adminToken } from "./session.ts";

const PAGE = 10;
const MOST = 100;

export function Runs() {
  const { admin: texts } = useTexts();
  const formats = useFormats();
  const token = useStore(adminToken);
  const [first, setFirst] = useState(PAGE);
  const open = useQuery(ArchivalRunsDocument, token === undefined ? { first } : undefined);
  const full = useQuery(FailedRunsDocument, token === undefined ? undefined : { first }, token);
  const runs = (token === undefined ? undefined : full.data?.archivalRuns) ?? open.data?.archivalRuns;
  const { error, askAgain } = token === undefined ? open : full;
  return (
    <History
      {...{ error, askAgain }}
      heading={texts.runs}
      heads={[texts.started, texts.trigger, texts.outcome, texts.took, texts.told]}
      hasMore={runs?.pageInfo.hasNextPage === true && first < MOST}
      onMore={() => setFirst(MOST)}
      rows={runs?.edges.map(({ node }) => ({
        key: node.id,
        failed: node.outcome === "FAILED",
        startedAt: node.startedAt,
        cells: [
          texts.triggers[node.trigger],
          node.outcome === null ? texts.running : texts.ended[node.outcome],
          took(node, formats.number),
          "errorMessage" in node && node.errorMessage != null ? (
            node.errorMessage
          ) : node.date === null || node.outcome === "FAILED" ? (
            ""
          ) : (
            <a href={hrefOf("day", { date: node.date })}>{formats.day(node.date)}</a>
          ),
        ],
      }))}
    />
  );
}

export function Maintenance() {
  const { admin: texts } = useTexts();
  const formats = useFormats();
  const [first, setFirst] = useState(PAGE);
  const { data, error, askAgain } = useQuery(MaintenanceRunsDocument, { first });
  const runs = data?.maintenanceRuns;
  return (
    <History
      {...{ error, askAgain }}
      heading={texts.maintenance}
      heads={[texts.started, texts.what, texts.outcome, texts.took, texts.told]}
      hasMore={runs?.pageInfo.hasNextPage === true && first < MOST}
      onMore={() => setFirst(MOST)}
      rows={runs?.edges.map(({ node }) => ({
        key: node.id,
        failed: node.outcome === "FAILED" || node.outcome === "PROBLEMS",
        startedAt: node.startedAt,
        cells: [
          texts.kinds[node.kind],
          node.outcome === null ? texts.running : texts.ended[node.outcome],
          took(node, formats.number),
          note(node, texts.counted),
        ],
      }))}
    />
  );
}

interface HistoryProps {
  /** Why the last asking failed; told where there are no rows from before. */
  error: AskFailed | undefined;
  askAgain: () => void;
  heading: string;
  heads: readonly string[];
  /** `undefined` until they are there. */
  rows: { key: string; failed: boolean; startedAt: string; cells: ComponentChildren[] }[] | undefined;
  hasMore: boolean;
  onMore: () => void;
}

function History({ error, askAgain, heading, heads, rows, hasMore, onMore }: HistoryProps) {
  const { admin: texts } = useTexts();
  const formats = useFormats();
  return (
    <section class="history">
      <h2>{heading}</h2>
      {rows === undefined && error !== undefined ? (
        <Failed {...{ error, askAgain }} />
      ) : rows?.length === 0 ? (
        <p class="aside">{texts.noRuns}</p>
      ) : (
        <table class="figures stacking" aria-label={heading}>
          <thead>
            <tr>
              {heads.map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows?.map(({ key, failed, startedAt, cells }) => (
              <tr key={key} class={failed ? "failed" : undefined}>
                <th scope="row">
                  <time dateTime={startedAt}>{formats.instant(Date.parse(startedAt), "utc")}</time>
                </th>
                {cells.map((cell, at) => (
                  <td key={at} data-label={heads[at + 1]}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {hasMore && (
        <button type="button" onClick={onMore}>
          {texts.more}
        </button>
      )}
    </section>
  );
}

/** The server's own words are English: where the page has another language's for what it counted, those come first. */
function note(
  { summary, counts, outcome }: MaintenanceSummaryFragment,
  words: Readonly<Record<string, string>>,
): ComponentChildren {
  const counted = counts.filter(({ name }) => name in words).map(({ name, count }) => `${words[name]}: ${count}`);
  if (summary === null || counted.length === 0) return summary;
  return (
    <>
      {counted.join("; ")}
      {outcome === "PROBLEMS" && (
        <>
          {" "}
          <small lang="en">{summary}</small>
        </>
      )}
    </>
  );
}

function took(
  { startedAt, endedAt }: { startedAt: string; endedAt: string | null },
  number: (value: number, options: Intl.NumberFormatOptions) => string,
): string {
  if (endedAt === null) return "";
  const seconds = (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
  return number(seconds, { style: "unit", unit: "second", maximumFractionDigits: seconds < 10 ? 1 : 0 });
}
