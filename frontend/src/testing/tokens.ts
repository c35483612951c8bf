import type { Token } from "../api/contract";

/** A key of a test's own. */
export function key(part: Partial<Token> = {}): Token {
  return {
    id: "1FvP0aXk27Qm9Zc4",
    name: "ci",
    display: "glk_1FvP0aXk27Qm9Zc4…",
    kind: "native",
    status: "active",
    scopes: [],
    created_at: "2026-11-01T00:00:00Z",
    created_by: "alice",
    expires_at: null,
    last_used_at: null,
    disabled_at: null,
    rotated_from: null,
    rotated_to: null,
    grace_until: null,
    ...part,
  };
}
