// What the addresses of the administration say. Whatever stands in one, it
// means what it can and nothing else.

export const CONCERNS = ["never_expires", "unused_90_days", "expiring_soon", "too_broad"] as const;
export type Concern = (typeof CONCERNS)[number];

export const STANDINGS = ["active", "disabled", "expired", "superseded", "revoking"] as const;
export type KeyStanding = (typeof STANDINGS)[number];

export const KEY_SORTS = ["name", "owner", "status", "created", "expires", "used"] as const;
export type KeySort = (typeof KEY_SORTS)[number];

export interface AllKeysSearch {
  search?: string;
  owner?: string;
  concern?: Concern;
  status?: KeyStanding;
  sort?: KeySort;
  desc?: boolean;
}

export const PEOPLE_SHOWN = ["disabled", "administrators"] as const;
export type PeopleShown = (typeof PEOPLE_SHOWN)[number];

export interface PeopleSearch {
  search?: string;
  show?: PeopleShown;
}

export const ACCOUNTS_SHOWN = ["active", "invited", "disabled", "locked"] as const;
export type AccountsShown = (typeof ACCOUNTS_SHOWN)[number];

export interface AccountsSearch {
  search?: string;
  show?: AccountsShown;
}

export interface EventsSearch {
  action?: string;
  actor?: string;
  owner?: string;
  key?: string;
  /** A day, as an input of type date has it. */
  since?: string;
  until?: string;
}

export interface TrialSearch {
  gate?: string;
  method?: string;
  url?: string;
  address?: string;
  key?: string;
  owner?: string;
}

type Raw = Record<string, unknown>;

export function parseAllKeys(raw: Raw): AllKeysSearch {
  return {
    ...texts(raw, ["search", "owner"]),
    ...choice("concern", CONCERNS, raw),
    ...choice("status", STANDINGS, raw),
    ...choice("sort", KEY_SORTS, raw),
    ...(raw.desc === true && { desc: true }),
  };
}

export function parsePeople(raw: Raw): PeopleSearch {
  return { ...texts(raw, ["search"]), ...choice("show", PEOPLE_SHOWN, raw) };
}

export function parseAccounts(raw: Raw): AccountsSearch {
  return { ...texts(raw, ["search"]), ...choice("show", ACCOUNTS_SHOWN, raw) };
}

export function parseEvents(raw: Raw): EventsSearch {
  return {
    ...texts(raw, ["action", "actor", "owner", "key"]),
    ...day("since", raw),
    ...day("until", raw),
  };
}

export function parseTrial(raw: Raw): TrialSearch {
  return texts(raw, ["gate", "method", "url", "address", "key", "owner"]);
}

/** The router reads ?search=7 as a number. */
function texts<N extends string>(raw: Raw, names: readonly N[]): { [name in N]?: string } {
  const found: { [name in N]?: string } = {};
  for (const name of names) {
    const value = raw[name];
    if (typeof value === "number" || (typeof value === "string" && value !== "")) {
      found[name] = String(value);
    }
  }
  return found;
}

function choice<N extends string, T extends string>(
  name: N,
  known: readonly T[],
  raw: Raw,
): { [one in N]?: T } {
  const value = known.find((one) => one === raw[name]);
  return (value === undefined ? {} : { [name]: value }) as { [one in N]?: T };
}

function day<N extends string>(name: N, raw: Raw): { [one in N]?: string } {
  const value = raw[name];
  const isDay = typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value);
  return (isDay ? { [name]: value } : {}) as { [one in N]?: string };
}
