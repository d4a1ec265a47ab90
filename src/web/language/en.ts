/** English. Each view has its part; what all share is in `frame`. Italian is typed by this: a missing text doesn't compile. */
export const en = {
  frame: {
    title: "Etna tremor",
    skip: "Skip to the content",
    views: "Views",
    settings: "Settings",
    toDark: "Dark theme",
    toLight: "Light theme",
    loading: "Loading …",
    tryAgain: "Try again",
    demo: "Demo: all data are synthetic, none was measured.",
    lost: "The server can't be reached. What you see is the last that was known; it is tried again by itself.",
    unreachable: "The server can't be reached",
    refused: "That didn't work",
    noView: "There is no such view.",
    tokenTitle: "A token is needed to read this archive",
    tokenWhy: "Whoever runs it can give you one. It is kept until you close this page, and nowhere else.",
    token: "Token",
    tokenWrong: "That isn't the right token.",
    open: "Open",
    source: "Plots: INGV, Osservatorio Etneo. Read out of the published pictures by etna-archive.",
    noWarning: "This is no official warning service. For that, see",
    api: "GraphQL",
    rest: "REST",
    utc: "UTC",
    localTime: "your time",
  },
  level: {
    LOW: "Low",
    MEDIUM: "Medium",
    HIGH: "High",
  },
  trend: {
    RISING: "Rising",
    STEADY: "Steady",
    FALLING: "Falling",
  },
  now: {
    title: "Now",
    heading: "Volcanic tremor of Mt Etna",
    emptyTitle: "Nothing is known yet",
    empty: "The archive holds no plot whose numbers could be read. The first one comes with the next run.",
  },
  record: {
    title: "Record",
  },
};

export type Texts = typeof en;
