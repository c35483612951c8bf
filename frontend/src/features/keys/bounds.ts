// The requests that a key is bound to, beyond its scopes.

import type { Token } from "../../api/contract";

export const BOUNDS = ["networks", "hosts", "paths", "methods"] as const;
export type Bound = (typeof BOUNDS)[number];

/** Each list binds to what it names; an empty one binds to nothing. */
export type Bounds = Record<Bound, string[]>;

export function boundsOf(token: Token | null): Bounds {
  return {
    networks: token?.networks ?? [],
    hosts: token?.hosts ?? [],
    paths: token?.paths ?? [],
    methods: token?.methods ?? [],
  };
}

/** Those that bind to something. */
export function filledBounds(bounds: Bounds): Partial<Bounds> {
  return Object.fromEntries(
    BOUNDS.filter((bound) => bounds[bound].length > 0).map((bound) => [bound, bounds[bound]]),
  );
}
