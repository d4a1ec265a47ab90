/**
 * The views of the page, in the order of the navigation. A new view is a file in views/ and a row here.
 * The first one is at the page's own address and comes with it; the others are loaded, by `import()`, when they are
 * first gone to.
 */
import type { View } from "./view.ts";
import { Now } from "./views/now.tsx";

export const VIEWS: readonly [View, ...View[]] = [{ name: "now", title: ({ now }) => now.title, load: () => Now }];
