// What addresses mean to the API, and the order of what came back.

import type { Account, Token } from "../../api/contract";
import type { Call } from "../../lib/client";
import { endOfDay, startOfDay } from "../../lib/dates";
import type { AccountsSearch, AllKeysSearch, EventsSearch, KeySort, PeopleSearch } from "./search";

type Query = NonNullable<Call["query"]>;

/** What the service filters by; the order is the page's own. */
export function keysFilter({ search, owner, concern, status }: AllKeysSearch): Query {
  return { search, owner, filter: concern, status };
}

export function isFiltered(search: AllKeysSearch): boolean {
  return Object.values(keysFilter(search)).some((value) => value !== undefined);
}

export function eventsFilter(search: EventsSearch): Query {
  return {
    action: search.action,
    actor: search.actor,
    owner: search.owner,
    key_id: search.key,
    since: search.since && startOfDay(search.since)?.toISOString(),
    until: search.until && endOfDay(search.until)?.toISOString(),
  };
}

/** Where all that the filters leave is given as a file. */
export function exportPath(search: EventsSearch, format: "csv" | "jsonl"): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...eventsFilter(search), format })) {
    if (value) query.set(name, String(value));
  }
  return `/api/events?${query}`;
}

export function peopleFilter({ search, show }: PeopleSearch): Query {
  return {
    search,
    disabled: show === "disabled" || undefined,
    admin: show === "administrators" || undefined,
  };
}

export function isShownAccount(account: Account, { search, show }: AccountsSearch): boolean {
  if (show !== undefined && account.status !== show) return false;
  const words = (search ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const texts = [account.username, account.name, account.email, ...account.groups];
  const text = texts.join("\n").toLowerCase();
  return words.every((word) => text.includes(word));
}

/** The newest first, unless another order is asked for. */
export function inOrder(tokens: Token[], search: AllKeysSearch): Token[] {
  const sort = search.sort ?? "created";
  const sign = isDescending(search) ? -1 : 1;
  return tokens.toSorted(
    (one, other) => sign * compare(sortValue(one, sort), sortValue(other, sort)),
  );
}

export function isDescending({ sort, desc }: AllKeysSearch): boolean {
  return sort === undefined ? true : (desc ?? false);
}

/** The same head again turns the order round. */
export function sortedBy(search: AllKeysSearch, sort: KeySort): AllKeysSearch {
  const isSame = (search.sort ?? "created") === sort;
  const isDown = isSame && !isDescending(search);
  return { sort, desc: isDown || undefined };
}

/** What is not there sorts last going up: a key without end ends after all others. */
function sortValue(token: Token, sort: KeySort): string | null {
  switch (sort) {
    case "name":
      return token.name?.toLowerCase() ?? null;
    case "owner":
      return token.owner?.toLowerCase() ?? null;
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
