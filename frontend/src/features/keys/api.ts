import { queryOptions } from "@tanstack/react-query";
import type {
  AuditEvent,
  BulkRevoked,
  Gate,
  MintedToken,
  Overlap,
  ScopeOffer,
  Token,
  TokenDraft,
  TokenEdit,
  Usage,
} from "../../api/contract";
import { act, call, segment } from "../../lib/client";
import { isProblem } from "../../lib/problem";
import { keysOf, MINE, type Whose } from "./whose";

export const MY_KEYS = ["my-keys"] as const;
/** Those of others, one by one and all together. */
export const OTHERS_KEYS = ["others-keys"] as const;
const at = (id: string, whose: Whose) => `${whose.path}/${segment(id)}`;

async function allKeys(whose: Whose, signal: AbortSignal): Promise<Token[]> {
  try {
    return await call<Token[]>(whose.path, { query: { include: "ended" }, signal });
  } catch (error) {
    // While an upgrade rolls, a replica of before may answer: it knows no ended keys.
    if (!isProblem(error) || error.status !== 400) throw error;
    return call<Token[]>(whose.path, { signal });
  }
}

/** All of one's keys, those that ended included. */
export const myKeysQuery = queryOptions({
  queryKey: MY_KEYS,
  queryFn: ({ signal }) => allKeys(MINE, signal),
});

/** The same of somebody else. */
export const keysOfQuery = (owner: string) =>
  queryOptions({
    queryKey: [...OTHERS_KEYS, owner],
    queryFn: ({ signal }) => allKeys(keysOf(owner), signal),
  });

export const keyQuery = (id: string, whose: Whose = MINE) =>
  queryOptions({
    queryKey: ["key", id, whose.owner],
    queryFn: ({ signal }) => call<Token>(at(id, whose), { signal }),
  });

/** Uses by day of each key, oldest first. */
export const sparklinesQuery = queryOptions({
  queryKey: ["my-usage"],
  queryFn: ({ signal }) =>
    call<Record<string, number[]>>("/api/me/usage", { query: { days: 30 }, signal }),
  staleTime: 60_000,
});

export const usageQuery = (id: string, whose: Whose = MINE) =>
  queryOptions({
    queryKey: ["key", id, whose.owner, "usage"],
    queryFn: ({ signal }) => call<Usage>(`${at(id, whose)}/usage`, { query: { days: 30 }, signal }),
  });

export const keyEventsQuery = (id: string, whose: Whose = MINE) =>
  queryOptions({
    queryKey: ["key", id, whose.owner, "events"],
    queryFn: ({ signal }) => call<AuditEvent[]>(`${at(id, whose)}/events`, { signal }),
  });

export const scopesQuery = queryOptions({
  queryKey: ["scopes"],
  queryFn: ({ signal }) => call<ScopeOffer[]>("/api/scopes", { signal }),
  staleTime: 300_000,
});

export const gatesQuery = queryOptions({
  queryKey: ["gates"],
  queryFn: ({ signal }) => call<Gate[]>("/api/gates", { signal }),
  staleTime: 300_000,
});

/** Tried again under the same name, it makes no second key. */
export function mintKey(
  draft: TokenDraft,
  idempotencyKey: string,
  whose: Whose = MINE,
): Promise<MintedToken> {
  return call(whose.path, {
    method: "POST",
    body: draft,
    headers: { "idempotency-key": idempotencyKey },
  });
}

export function editKey(id: string, edit: TokenEdit, whose: Whose = MINE): Promise<Token> {
  return call(at(id, whose), { method: "PATCH", body: edit });
}

export function rotateKey(
  id: string,
  overlap: Overlap,
  idempotencyKey: string,
  whose: Whose = MINE,
): Promise<MintedToken> {
  return call(`${at(id, whose)}/rotate`, {
    method: "POST",
    body: { overlap },
    headers: { "idempotency-key": idempotencyKey },
  });
}

/** Refused at once; final a minute later, until when it can be undone. */
export function revokeKey(id: string, whose: Whose = MINE): Promise<Token> {
  return call(`${at(id, whose)}/revoke`, { method: "POST", body: {} });
}

export function restoreKey(id: string, whose: Whose = MINE): Promise<Token> {
  return call(`${at(id, whose)}/restore`, { method: "POST", body: {} });
}

export function revokeKeys(ids: string[], dryRun: boolean): Promise<BulkRevoked> {
  return call(`${MINE.path}/revoke`, {
    method: "POST",
    body: { ids, dry_run: dryRun, undoable: true },
  });
}

/** Final at once. */
export function deleteKey(id: string): Promise<void> {
  return act(at(id, MINE), { method: "DELETE" });
}
