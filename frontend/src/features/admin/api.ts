// What administrators ask the API.

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type {
  Account,
  AccountDraft,
  AccountEdit,
  AuditEvent,
  BrowserSession,
  BulkRevoked,
  Explanation,
  GateQuestion,
  OneTimeLink,
  Person,
  ServiceHealth,
  Token,
} from "../../api/contract";
import { act, type Call, call, callPart, type Part, segment } from "../../lib/client";
import { OTHERS_KEYS } from "../keys/api";
import { eventsFilter, keysFilter, peopleFilter } from "./filters";
import type { AllKeysSearch, EventsSearch, PeopleSearch } from "./search";

export const PEOPLE = ["people"] as const;
export const ACCOUNTS = ["accounts"] as const;
export const EVENTS = ["events"] as const;

/** How many lines a step of a list brings, give or take a part of the service's. */
const STEP = 100;
/** How many parts a step reads at most: where filters leave little, parts may be empty. */
const PARTS_MAX = 25;
const IDS_MAX = 500;

/** Goes on from a place until there is something worth showing, or nothing more. */
async function step<T>(
  path: string,
  from: string | null,
  query: Call["query"],
  signal: AbortSignal,
): Promise<Part<T>> {
  const items: T[] = [];
  let cursor = from;
  for (let parts = 0; parts < PARTS_MAX; parts++) {
    const part = await callPart<T>(path, { query: { ...query, limit: STEP, cursor }, signal });
    items.push(...part.items);
    cursor = part.cursor;
    if (cursor === null || items.length >= STEP) break;
  }
  return { items, cursor };
}

const FROM_THE_START = null as string | null;

export const allKeysQuery = (search: AllKeysSearch) => {
  const filter = keysFilter(search);
  return infiniteQueryOptions({
    queryKey: [...OTHERS_KEYS, "all", filter],
    queryFn: ({ pageParam, signal }) => step<Token>("/api/tokens", pageParam, filter, signal),
    initialPageParam: FROM_THE_START,
    getNextPageParam: ({ cursor }) => cursor,
  });
};

export const peopleQuery = (search: PeopleSearch) =>
  infiniteQueryOptions({
    queryKey: [...PEOPLE, "all", search],
    queryFn: ({ pageParam, signal }) =>
      step<Person>("/api/users", pageParam, peopleFilter(search), signal),
    initialPageParam: FROM_THE_START,
    getNextPageParam: ({ cursor }) => cursor,
  });

export const eventsQuery = (search: EventsSearch) => {
  const filter = eventsFilter(search);
  return infiniteQueryOptions({
    queryKey: [...EVENTS, filter],
    queryFn: ({ pageParam, signal }) => step<AuditEvent>("/api/events", pageParam, filter, signal),
    initialPageParam: FROM_THE_START,
    getNextPageParam: ({ cursor }) => cursor,
  });
};

/** What a list holds so far. Changed while it was read, it may name one twice. */
export function loaded<T>(parts: Part<T>[] | undefined, idOf: (item: T) => string): T[] {
  const items = new Map<string, T>();
  for (const item of parts?.flatMap((part) => part.items) ?? []) items.set(idOf(item), item);
  return [...items.values()];
}

const personPath = (owner: string) => `/api/users/${segment(owner)}`;

export const personQuery = (owner: string) =>
  queryOptions({
    queryKey: [...PEOPLE, "one", owner],
    queryFn: ({ signal }) => call<Person>(personPath(owner), { signal }),
  });

export function setDisabled(owner: string, disabled: boolean): Promise<Person> {
  return call(personPath(owner), { method: "PATCH", body: { disabled } });
}

export const sessionsOfQuery = (owner: string) =>
  queryOptions({
    queryKey: [...PEOPLE, "sessions", owner],
    queryFn: ({ signal }) => call<BrowserSession[]>(`${personPath(owner)}/sessions`, { signal }),
  });

export function endSessionOf(owner: string, id: string): Promise<void> {
  return act(`${personPath(owner)}/sessions/${segment(id)}`, { method: "DELETE" });
}

export function endSessionsOf(owner: string): Promise<{ ended: number }> {
  return call(`${personPath(owner)}/sessions`, { method: "DELETE" });
}

/** Which keys to revoke: these, or all that filters leave. */
export type Choice = { ids: string[] } | { search: AllKeysSearch };

export async function lookAtRevocation(choice: Choice): Promise<number> {
  if ("ids" in choice) {
    const counts = await inBatches(choice.ids, (ids) => revoke({ ids, dry_run: true }));
    return counts.reduce((sum, { matched }) => sum + matched, 0);
  }
  return (await revoke({ ...keysFilter(choice.search), dry_run: true })).matched;
}

/** With a minute to think again, unless it is for good. Gives the ids of what is revoked. */
export async function revokeMany(
  choice: Choice,
  matched: number,
  { reason, isForGood }: { reason: string; isForGood: boolean },
): Promise<string[]> {
  const wish = { undoable: !isForGood, ...(reason !== "" && { reason }) };
  if ("ids" in choice) {
    const done = await inBatches(choice.ids, (ids) => revoke({ ...wish, ids }));
    return done.flatMap(({ ids }) => ids);
  }
  const filter = keysFilter(choice.search);
  return (await revoke({ ...wish, ...filter, confirm_count: matched })).ids;
}

export async function restoreMany(ids: string[]): Promise<number> {
  const done = await inBatches(ids, (some) =>
    call<{ restored: number }>("/api/tokens/restore", { method: "POST", body: { ids: some } }),
  );
  return done.reduce((sum, { restored }) => sum + restored, 0);
}

function revoke(body: Record<string, unknown>): Promise<BulkRevoked> {
  return call("/api/tokens/revoke", { method: "POST", body });
}

async function inBatches<T>(ids: string[], work: (ids: string[]) => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  for (let from = 0; from < ids.length; from += IDS_MAX) {
    done.push(await work(ids.slice(from, from + IDS_MAX)));
  }
  return done;
}

export const accountsQuery = queryOptions({
  queryKey: ACCOUNTS,
  queryFn: async ({ signal }) => {
    const accounts: Account[] = [];
    let cursor: string | null = null;
    do {
      const part: Part<Account> = await callPart("/api/accounts", { query: { cursor }, signal });
      accounts.push(...part.items);
      cursor = part.cursor;
    } while (cursor !== null);
    return accounts;
  },
});

const accountPath = (username: string) => `/api/accounts/${segment(username)}`;

export function createAccount(
  draft: AccountDraft,
): Promise<{ account: Account; link: OneTimeLink | null }> {
  return call("/api/accounts", { method: "POST", body: draft });
}

export function editAccount(username: string, edit: AccountEdit): Promise<Account> {
  return call(accountPath(username), { method: "PATCH", body: edit });
}

export function deleteAccount(username: string): Promise<void> {
  return act(accountPath(username), { method: "DELETE" });
}

/** A new link, in place of any other. */
export function makeLink(username: string): Promise<OneTimeLink> {
  return call(`${accountPath(username)}/reset`, { method: "POST", body: {} });
}

export function explain(gate: string, question: GateQuestion): Promise<Explanation> {
  return call(`/api/gates/${segment(gate)}/explain`, { method: "POST", body: question });
}

export const healthQuery = queryOptions({
  queryKey: ["health"],
  queryFn: ({ signal }) => call<ServiceHealth>("/api/health", { signal }),
  staleTime: 5_000,
});
