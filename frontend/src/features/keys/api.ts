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

export const MY_KEYS = ["my-keys"] as const;
const PATH = "/api/me/tokens";
const at = (id: string) => `${PATH}/${segment(id)}`;

/** All of one's keys, those that ended included. */
export const myKeysQuery = queryOptions({
  queryKey: MY_KEYS,
  queryFn: async ({ signal }) => {
    try {
      return await call<Token[]>(PATH, { query: { include: "ended" }, signal });
    } catch (error) {
      // While an upgrade rolls, a replica of before may answer: it knows no ended keys.
      if (!isProblem(error) || error.status !== 400) throw error;
      return call<Token[]>(PATH, { signal });
    }
  },
});

export const keyQuery = (id: string) =>
  queryOptions({
    queryKey: ["key", id],
    queryFn: ({ signal }) => call<Token>(at(id), { signal }),
  });

/** Uses by day of each key, oldest first. */
export const sparklinesQuery = queryOptions({
  queryKey: ["my-usage"],
  queryFn: ({ signal }) =>
    call<Record<string, number[]>>("/api/me/usage", { query: { days: 30 }, signal }),
  staleTime: 60_000,
});

export const usageQuery = (id: string) =>
  queryOptions({
    queryKey: ["key", id, "usage"],
    queryFn: ({ signal }) => call<Usage>(`${at(id)}/usage`, { query: { days: 30 }, signal }),
  });

export const keyEventsQuery = (id: string) =>
  queryOptions({
    queryKey: ["key", id, "events"],
    queryFn: ({ signal }) => call<AuditEvent[]>(`${at(id)}/events`, { signal }),
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
export function mintKey(draft: TokenDraft, idempotencyKey: string): Promise<MintedToken> {
  return call(PATH, {
    method: "POST",
    body: draft,
    headers: { "idempotency-key": idempotencyKey },
  });
}

export function editKey(id: string, edit: TokenEdit): Promise<Token> {
  return call(at(id), { method: "PATCH", body: edit });
}

export function rotateKey(
  id: string,
  overlap: Overlap,
  idempotencyKey: string,
): Promise<MintedToken> {
  return call(`${at(id)}/rotate`, {
    method: "POST",
    body: { overlap },
    headers: { "idempotency-key": idempotencyKey },
  });
}

/** Refused at once; final a minute later, until when it can be undone. */
export function revokeKey(id: string): Promise<Token> {
  return call(`${at(id)}/revoke`, { method: "POST", body: {} });
}

export function restoreKey(id: string): Promise<Token> {
  return call(`${at(id)}/restore`, { method: "POST", body: {} });
}

export function revokeKeys(ids: string[], dryRun: boolean): Promise<BulkRevoked> {
  return call(`${PATH}/revoke`, {
    method: "POST",
    body: { ids, dry_run: dryRun, undoable: true },
  });
}

/** Final at once. */
export function deleteKey(id: string): Promise<void> {
  return act(at(id), { method: "DELETE" });
}
