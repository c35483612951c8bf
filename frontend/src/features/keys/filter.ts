// What the address says about the table of keys: search, filter, order, page.

import type { Token, TokenStatus } from "../../api/contract";
import { DAY_SECONDS, isWithin } from "../../lib/dates";

export const SORTS = ["name", "status", "created", "expires", "used"] as const;
export type Sort = (typeof SORTS)[number];

export const SHOWN = ["current", "ended", "all"] as const;
export type Shown = (typeof SHOWN)[number];

export const PAGE_SIZE = 25;

export interface KeySearch {
  search?: string;
  show?: Shown;
  sort?: Sort;
  desc?: boolean;
  page?: number;
}

/** Whatever stands in an address, as what it can mean. */
export function parseKeySearch(raw: Record<string, unknown>): KeySearch {
  const page = Number(raw.page);
  return {
    ...(typeof raw.search === "string" && raw.search !== "" && { search: raw.search }),
    ...(isOneOf(SHOWN, raw.show) && { show: raw.show }),
    ...(isOneOf(SORTS, raw.sort) && { sort: raw.sort }),
    ...(raw.desc === true && { desc: true }),
    ...(Number.isInteger(page) && page > 1 && { page }),
  };
}

function isOneOf<T extends string>(known: readonly T[], value: unknown): value is T {
  return known.some((one) => one === value);
}

const ENDED: ReadonlySet<TokenStatus> = new Set(["revoked", "expired", "superseded"]);

export function hasEnded(token: Token): boolean {
  return ENDED.has(token.status);
}

/** Ends within a week. */
export function endsSoon(token: Token, now: Date): boolean {
  return (
    token.status === "active" &&
    isWithin(token.expires_at, now, 7 * DAY_SECONDS) &&
    new Date(token.expires_at ?? 0) > now
  );
}

export interface KeyPage {
  tokens: Token[];
  /** How many there are on all pages. */
  total: number;
  page: number;
  pages: number;
}

export function pageOf(tokens: Token[], search: KeySearch): KeyPage {
  const words = (search.search ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const show = search.show ?? "current";
  const found = tokens
    .filter((token) => show === "all" || hasEnded(token) === (show === "ended"))
    .filter((token) => words.every((word) => searchable(token).includes(word)))
    .sort(order(search.sort ?? "created", search.sort ? (search.desc ?? false) : true));
  const pages = Math.max(Math.ceil(found.length / PAGE_SIZE), 1);
  const page = Math.min(search.page ?? 1, pages);
  const start = (page - 1) * PAGE_SIZE;
  return { tokens: found.slice(start, start + PAGE_SIZE), total: found.length, page, pages };
}

function searchable(token: Token): string {
  return [token.name, token.id, token.display, ...token.scopes].join("\n").toLowerCase();
}

function order(sort: Sort, desc: boolean): (one: Token, other: Token) => number {
  const sign = desc ? -1 : 1;
  return (one, other) => sign * compare(sortValue(one, sort), sortValue(other, sort));
}

/** What is not there sorts last going up: a key without end ends after all others. */
function sortValue(token: Token, sort: Sort): string | null {
  switch (sort) {
    case "name":
      return token.name?.toLowerCase() ?? null;
    case "status":
      return token.status;
    case "created":
      return token.created_at;
    case "expires":
      return token.expires_at;
    case "used":
      return token.last_used_at;
  }
}

function compare(one: string | null, other: string | null): number {
  if (one === other) return 0;
  if (one === null) return 1;
  if (other === null) return -1;
  return one.localeCompare(other);
}
