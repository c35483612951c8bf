// The form of a new key: what stands in it, what an address puts into it, and
// what it sends.

import type { Limits, Token, TokenDraft } from "../../api/contract";
import { addDays, endOfDay } from "../../lib/dates";
import { BOUNDS, type Bounds, boundsOf, filledBounds } from "./bounds";
import { MINE } from "./whose";

/** `never`, a number of days, or `date` with the day beside it. */
export type ExpiryChoice = "never" | "date" | `${number}`;

export interface DraftForm extends Bounds {
  name: string;
  expiry: ExpiryChoice;
  date: string;
  scopes: string[];
}

const FILLED = ["name", "scopes", "expires", "copy", ...BOUNDS] as const;

/** What `/keys/new?name=…&scopes=…&expires=…&networks=…` fills in. */
export type Prefill = Partial<Record<(typeof FILLED)[number], string>>;

const NAME_MAX = 256;

export function parsePrefill(raw: Record<string, unknown>): Prefill {
  const prefill: Prefill = {};
  for (const name of FILLED) {
    const value = raw[name];
    // The router reads ?name=7 as a number.
    if (typeof value === "string" || typeof value === "number") prefill[name] = String(value);
  }
  return prefill;
}

const PRESETS = [7, 30, 90, 365];

/** The lives to offer: what the maximum forbids is none of them. */
export function presets(limits: Limits): number[] {
  const max = limits.expiry_max_days;
  return PRESETS.filter((days) => max === null || days <= max);
}

export function startForm(limits: Limits, prefill: Prefill, copied: Token | null): DraftForm {
  const list = (text: string | undefined) => text?.split(/[\s,]+/).filter(Boolean);
  const copy = boundsOf(copied);
  return {
    name: (prefill.name ?? "").slice(0, NAME_MAX),
    ...startExpiry(limits, prefill.expires),
    scopes: list(prefill.scopes) ?? copied?.scopes ?? [],
    networks: list(prefill.networks) ?? copy.networks,
    hosts: list(prefill.hosts) ?? copy.hosts,
    paths: list(prefill.paths) ?? copy.paths,
    methods: list(prefill.methods) ?? copy.methods,
  };
}

/** The rights of another key; name and end stay as they were written. */
export function likeKey(form: DraftForm, other: Token): DraftForm {
  return { ...form, scopes: other.scopes, ...boundsOf(other) };
}

/** An address that opens the form as it stands. */
export function linkTo(origin: string, form: DraftForm): string {
  const link = new URL("/keys/new", origin);
  const expires = form.expiry === "date" ? form.date : form.expiry.replace(/^(\d+)$/, "$1d");
  const lists = ["scopes", ...BOUNDS] as const;
  const parts = [
    ["name", form.name.trim()],
    ["expires", expires],
    ...lists.map((list) => [list, form[list].join(",")]),
  ];
  for (const [name, value] of parts) if (name && value) link.searchParams.set(name, value);
  return link.href;
}

function startExpiry(limits: Limits, wish: string | undefined): Pick<DraftForm, "expiry" | "date"> {
  const offered = presets(limits);
  const days = Number(wish?.match(/^(\d+)d?$/)?.[1]);
  if (offered.includes(days)) return { expiry: `${days}`, date: "" };
  if (wish && endOfDay(wish)) return { expiry: "date", date: wish };
  if (wish === "never" && limits.expiry_max_days === null) return { expiry: "never", date: "" };
  const usual = limits.expiry_default_days;
  if (usual === null && limits.expiry_max_days === null && !wish) {
    return { expiry: "90", date: "" };
  }
  if (usual !== null && offered.includes(usual)) return { expiry: `${usual}`, date: "" };
  const longest = offered.at(-1);
  return { expiry: longest ? `${longest}` : "date", date: "" };
}

/** When the key would end; null for never, undefined while no day is picked. */
export function resultingEnd(form: DraftForm, now: Date): Date | null | undefined {
  if (form.expiry === "never") return null;
  if (form.expiry === "date") return endOfDay(form.date) ?? undefined;
  return addDays(now, Number(form.expiry));
}

export function draftOf(form: DraftForm, now: Date): TokenDraft {
  const end = resultingEnd(form, now);
  return {
    name: form.name.trim(),
    ...(form.expiry === "never" && { expires_at: "never" }),
    ...(form.expiry === "date" && end && { expires_at: end.toISOString() }),
    ...(form.expiry !== "never" &&
      form.expiry !== "date" && { expires_in_days: Number(form.expiry) }),
    scopes: form.scopes,
    ...filledBounds(form),
  };
}

/** The same as a command, for whoever would rather have a script. */
export function curlPreview(origin: string, draft: TokenDraft, path = MINE.path): string {
  const body = JSON.stringify(draft, null, 2).replaceAll("'", "'\\''");
  return [
    `curl ${origin}${path} \\`,
    '  -H "Authorization: Bearer $TOKEN" \\',
    "  -H 'Content-Type: application/json' \\",
    `  -d '${body}'`,
  ].join("\n");
}
