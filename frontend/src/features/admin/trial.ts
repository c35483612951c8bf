// The form of "would this pass?": whose request it would be, and what it asks.

import type { GateQuestion } from "../../api/contract";
import type { TrialSearch } from "./search";

export type Asker = "nobody" | "key" | "owner";

export interface TrialForm {
  gate: string;
  method: string;
  url: string;
  address: string;
  asker: Asker;
  keyId: string;
  owner: string;
}

const ID_CHARS = 16;
const BODY_CHARS = 65;

/**
 * The id of a key, in whatever it was pasted as: the key itself, the way it is
 * shown, or its id. Only the id leaves the page; the secret behind it never
 * does, and is forgotten with this call.
 */
export function keyIdIn(text: string): string | null {
  const plain = text.trim().replace(/^secret-token:/, "");
  const seed = plain.match(/^[0-9a-f]{64}$/);
  if (seed) return plain;
  const body = plain.slice(plain.lastIndexOf("_") + 1).replace(/…$/, "");
  if (!/^[0-9A-Za-z]+$/.test(body)) return null;
  return body.length === ID_CHARS || body.length === BODY_CHARS ? body.slice(0, ID_CHARS) : null;
}

export function startTrial(search: TrialSearch, gates: string[]): TrialForm {
  const wished = search.gate && gates.includes(search.gate) ? search.gate : gates[0];
  return {
    gate: wished ?? "",
    method: search.method ?? "GET",
    url: search.url ?? "",
    address: search.address ?? "",
    asker: search.key ? "key" : search.owner ? "owner" : "nobody",
    keyId: search.key ? (keyIdIn(search.key) ?? "") : "",
    owner: search.owner ?? "",
  };
}

/** What of the form an address may say: never more of a key than its id. */
export function trialSearch(form: TrialForm): TrialSearch {
  return {
    gate: form.gate,
    method: form.method === "GET" ? undefined : form.method,
    url: form.url || undefined,
    address: form.address || undefined,
    key: form.asker === "key" ? form.keyId || undefined : undefined,
    owner: form.asker === "owner" ? form.owner || undefined : undefined,
  };
}

export function questionOf(form: TrialForm): GateQuestion {
  const { gate: _, key, method, ...rest } = trialSearch(form);
  return { ...rest, method: method ?? "GET", ...(key && { key_id: key }) };
}
