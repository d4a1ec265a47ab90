/**
 * Pages of days and their counts in memory, while the catalog is at the revision that they were read at. Different
 * questions about the same days (another field, another name) then cost no query.
 */
import { LRUCache } from "lru-cache";
import type { Catalog } from "../catalog/catalog.ts";
import type { CatalogDay, DayPageQuery } from "../catalog/days.ts";
import { keepSecondAsked } from "./second-ask.ts";

/** A row takes about 500 bytes. */
const LIMIT_ROWS = 8000;
const LIMIT_COUNTS = 500;

/** The catalog, with its pages remembered. Whoever gets a page shares it, and doesn't change it. */
export function rememberPages(catalog: Catalog): Catalog {
  const kept = new LRUCache<string, CatalogDay[]>({ maxSize: LIMIT_ROWS, sizeCalculation: (rows) => rows.length + 1 });
  const pages = keepSecondAsked(kept);
  const counts = new LRUCache<string, number>({ max: LIMIT_COUNTS });
  let revision = Number.NaN;
  const forgetChanged = (): void => {
    const current = catalog.revision();
    if (current === revision) return;
    kept.clear();
    counts.clear();
    revision = current;
  };
  return {
    ...catalog,
    listDays(query) {
      forgetChanged();
      const key = keyOf(query);
      const known = pages.get(key);
      if (known !== undefined) return known;
      const rows = catalog.listDays(query);
      pages.set(key, () => rows);
      return rows;
    },
    countDays(range) {
      forgetChanged();
      const key = `${range.from} ${range.to}`;
      const known = counts.get(key);
      if (known !== undefined) return known;
      const count = catalog.countDays(range);
      counts.set(key, count);
      return count;
    },
  };
}

function keyOf({ from, to, order, after, before, limit, fromEnd }: DayPageQuery): string {
  return `${from} ${to} ${order} ${after} ${before} ${limit} ${fromEnd}`;
}
