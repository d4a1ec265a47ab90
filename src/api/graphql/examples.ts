/** What GraphiQL opens with: a tab for each thing that one may want first. */
import { addDays, type Day } from "../../model/day.ts";

/** Shown in the headers editor, to be completed by whoever has a token. */
export const HEADERS_HINT = `{
  "Authorization": "Bearer PASTE-THE-TOKEN-HERE"
}`;

/** @param today the month of the record that is asked for ends with it */
export const examplesOn = (today: Day) => [
  `# The newest archives.
query NewestArchives {
  archives(first: 10) {
    totalCount
    pageInfo { hasNextPage endCursor }
    edges {
      node { date size modified imageUrl }
    }
  }
}
`,
  `# The tremor of the newest archive:
# RMS amplitude in mV, every ten minutes.
query LatestTremor {
  latestArchive {
    date
    data(window: DAY) {
      count
      problem
      points { timestamp value clipped }
    }
  }
}
`,
  `# The tremor record of a month, joined from all archived plots, in at most 200 points.
query TremorRecord {
  tremor(start: "${addDays(today, -30)}T00:00:00Z", end: "${addDays(today, 1)}T00:00:00Z", maxPoints: 200) {
    step
    columns { timestamps values max }
    gaps { start end }
    statistics { coverage median p95 max { timestamp value } }
  }
}
`,
  `# The tremor now, and the last eruptive episodes.
query Now {
  currentTremor { timestamp value level trend age stale }
  episodes(first: 5) {
    totalCount
    edges { node { onset end duration peak { timestamp value clipped } } }
  }
}
`,
  `# How the service is doing.
query Status {
  status {
    version
    synthetic
    retentionDays
    store { kind archives bytes oldest newest freeBytes }
    schedule { pattern nextRun lastSuccess lastRun { outcome startedAt } }
    record { firstDate lastDate days waitingDays setAside { date reason message } }
  }
}
`,
  `# Fetch the plot and archive it now.
# Put the admin token into the "Headers" editor below.
# The server printed it at its start, unless it is configured.
mutation ArchiveNow {
  archiveNow {
    ... on ArchiveNowSuccess { outcome archive { date size } cleanup { deletedCount } }
    ... on Error { code message }
  }
}
`,
  `# Each new archive as it is kept. It runs until it is stopped.
subscription Archived {
  archived { date size imageUrl }
}
`,
];
