/** What GraphiQL opens with: a tab for each thing that one may want first. */

/** Shown in the headers editor of each tab. Reading is refused with no token that is known, so it has a placeholder. */
export const HEADERS_HINT = `{
  "Authorization": "Bearer PASTE-THE-TOKEN-HERE"
}`;

export const EXAMPLES = [
  `# The newest archives. The numbers of one are in the next tab.
query NewestArchives {
  archives(first: 10) {
    totalCount
    pageInfo { hasNextPage endCursor }
    edges { node { date size modified station stale imageUrl } }
  }
}
`,
  `# The tremor of the newest archive: RMS amplitude in mV, every ten minutes.
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
  `# How the service is doing.
query Status {
  status {
    version
    synthetic
    retentionDays
    store { kind archives bytes oldest newest freeBytes }
    schedule { pattern nextRun lastSuccess lastRun { outcome startedAt } }
  }
}
`,
  `# Fetch the plot and archive it now.
# Put the admin token into the "Headers" editor below; the server printed it when it started, unless it was configured.
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
] as const;
