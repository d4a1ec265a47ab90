/**
 * The views of the page, in the order of the navigation. A new view is a file in views/ and a row here.
 * The first one is at the page's own address and comes with it; the others are loaded, by `import()`, when they are
 * first gone to.
 */
import type { View } from "./view.ts";
import { Now } from "./views/now.tsx";

export const VIEWS: readonly [View, ...View[]] = [
  { name: "now", title: ({ now }) => now.title, load: () => Now },
  {
    name: "record",
    title: ({ record }) => record.title,
    load: async () => (await import("./views/record.tsx")).Record,
  },
  {
    name: "calendar",
    title: ({ calendar }) => calendar.title,
    load: async () => (await import("./views/calendar.tsx")).Calendar,
  },
  { name: "day", title: ({ day }) => day.title, load: async () => (await import("./views/day.tsx")).DayView },
  {
    name: "episodes",
    title: ({ episodes }) => episodes.title,
    load: async () => (await import("./views/episodes.tsx")).Episodes,
  },
  { name: "admin", title: ({ admin }) => admin.title, load: async () => (await import("./views/admin.tsx")).Admin },
];
