/**
 * Pages of a list, as Relay's connections have them (https://relay.dev/graphql/connections.htm).
 * Owns the limits, the cursors and the flags; a list says only how to find its rows.
 */
import { z } from "zod";
import { InvalidRequest } from "../../model/errors.ts";

export const DEFAULT_PAGE = 50;
export const MAX_PAGE = 500;

export interface PageArgs {
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}

const size = (name: string) =>
  z
    .number()
    .min(0, `${name} is negative, use 0 to ${MAX_PAGE}`)
    .max(MAX_PAGE, `${name} is over ${MAX_PAGE}, the largest page`)
    .nullish();

/** Holds for every connection's arguments, whatever others it has. */
export const PageLimits = z
  .looseObject({ first: size("first"), last: size("last") })
  .refine(({ first, last }) => first == null || last == null, "first and last exclude each other");

export interface PageQuery<Key> {
  /** One more than the page has, which tells whether the list goes on. */
  limit: number;
  after: Key | undefined;
  before: Key | undefined;
  /** Take the last `limit` rows in place of the first, in the same order. */
  fromEnd: boolean;
}

export interface Edge<Row> {
  readonly node: Row;
  readonly cursor: string;
}

export interface Page<Row> {
  edges: Edge<Row>[];
  pageInfo: PageInfo;
}

interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

/** A list's cursors: made of what a row is found by. */
export interface Cursors<Row, Key> {
  /** Such as `archive`; marks its cursors, so that another list's are told apart. */
  list: string;
  keyOf(row: Row): Key;
  parse(text: string): Key | undefined;
}

/** @throws {InvalidRequest} when a cursor isn't one of this list */
export function findPage<Row, Key extends string | number>(
  { first, after, last, before }: PageArgs,
  cursors: Cursors<Row, Key>,
  find: (query: PageQuery<Key>) => Row[],
): Page<Row> {
  const fromEnd = last != null;
  const count = last ?? first ?? DEFAULT_PAGE;
  const query = { after: decode(after, cursors), before: decode(before, cursors), fromEnd };
  const rows = find({ ...query, limit: count + 1 });
  const isCut = rows.length > count;
  const shown = isCut ? (fromEnd ? rows.slice(1) : rows.slice(0, count)) : rows;
  const edges = shown.map((node) => new EdgeOf(node, cursors));
  return {
    edges,
    pageInfo: new PageInfoOf(edges, {
      hasNextPage: fromEnd ? query.before !== undefined : isCut,
      hasPreviousPage: fromEnd ? isCut : query.after !== undefined,
    }),
  };
}

/**
 * Makes its cursor when it is asked for: a page of rows alone needs none. A class, since each object with a getter of
 * its own has a hidden class of its own, too, which with all that the getter sees stays until the whole heap is swept.
 */
class EdgeOf<Row, Key extends string | number> implements Edge<Row> {
  readonly node: Row;
  readonly #cursors: Cursors<Row, Key>;

  constructor(node: Row, cursors: Cursors<Row, Key>) {
    this.node = node;
    this.#cursors = cursors;
  }

  get cursor(): string {
    return encode(this.#cursors.list, this.#cursors.keyOf(this.node));
  }
}

class PageInfoOf implements PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly #edges: readonly Edge<unknown>[];

  constructor(edges: readonly Edge<unknown>[], goesOn: { hasNextPage: boolean; hasPreviousPage: boolean }) {
    this.hasNextPage = goesOn.hasNextPage;
    this.hasPreviousPage = goesOn.hasPreviousPage;
    this.#edges = edges;
  }

  get startCursor(): string | null {
    return this.#edges[0]?.cursor ?? null;
  }
  get endCursor(): string | null {
    return this.#edges.at(-1)?.cursor ?? null;
  }
}

function encode(list: string, key: string | number): string {
  return Buffer.from(`${list}:${key}`).toString("base64url");
}

function decode<Row, Key>(cursor: string | null | undefined, { list, parse }: Cursors<Row, Key>): Key | undefined {
  if (cursor == null) return undefined;
  const text = Buffer.from(cursor, "base64url").toString();
  const key = text.startsWith(`${list}:`) ? parse(text.slice(list.length + 1)) : undefined;
  if (key === undefined) throw new InvalidRequest(`Cursor ${JSON.stringify(cursor)} isn't one of this list`);
  return key;
}

/** The id of a row of a history, as cursors and global ids hold it; `undefined` when it is none. */
export function parseRowId(text: string): number | undefined {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
}
