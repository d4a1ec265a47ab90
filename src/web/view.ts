/** What a view is. */
import type { ComponentType } from "preact";
import type { Texts } from "./language/en.ts";

export interface ViewProps {
  /** What the address says of this view, all of it optional and unchecked: `#/record?from=…` */
  state: Readonly<Record<string, string>>;
}

export interface View {
  /** In the address. */
  name: string;
  title: (texts: Texts) => string;
  load: () => Promise<ComponentType<ViewProps>> | ComponentType<ViewProps>;
}
