// What a key would open: each rule of each gate, and what the key or its owner
// lacks for it. The gates decide; this says what they will say.

import type { Gate, GateRule } from "../../api/contract";

export interface Opening {
  gate: string;
  /** Stays the same while the gates do. */
  id: string;
  rule: GateRule;
  lacksScopes: string[];
  lacksGroups: string[];
}

/** Of groups that are not known, none is said to lack. */
export function openings(gates: Gate[], scopes: string[], groups: string[] | null): Opening[] {
  return gates.flatMap(({ name, rules }) =>
    rules
      .map((rule, place) => ({ rule, id: `${name}/${place}` }))
      .filter(({ rule }) => isForKeys(rule))
      .map(({ rule, id }) => ({
        gate: name,
        id,
        rule,
        lacksScopes: missing(rule.scopes, rule.any_scopes, (asked) =>
          scopes.some((scope) => covers(scope, asked)),
        ),
        lacksGroups: missing(
          rule.groups,
          rule.any_groups,
          (asked) => groups?.includes(asked) ?? true,
        ),
      })),
  );
}

export function isOpen({ lacksScopes, lacksGroups }: Opening): boolean {
  return lacksScopes.length === 0 && lacksGroups.length === 0;
}

function isForKeys({ allow, credentials }: GateRule): boolean {
  return allow === "authenticated" && (credentials?.includes("api_key") ?? true);
}

/** All that is asked for and not there; of alternatives, the first. */
function missing(all: string[], any: string[], has: (asked: string) => boolean): string[] {
  const lacking = all.filter((asked) => !has(asked));
  const [first] = any;
  return first === undefined || any.some(has) ? lacking : [...lacking, first];
}

/** `models:*` covers `models:read`; no wildcard covers what manages Gatelodge itself. */
export function covers(scope: string, asked: string): boolean {
  if (scope === asked) return true;
  return (
    scope.endsWith(":*") && !asked.startsWith("gatelodge:") && asked.startsWith(scope.slice(0, -1))
  );
}
