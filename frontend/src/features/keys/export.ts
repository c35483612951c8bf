import type { Token } from "../../api/contract";
import { csv } from "../../lib/csv";
import { download } from "../../lib/download";

/** The keys as a table for other programs: names as the API has them. */
export function keysAsCsv(tokens: Token[]): string {
  const head = ["id", "name", "status", "scopes", "created_at", "expires_at", "last_used_at"];
  const rows = tokens.map((token) => [
    token.id,
    token.name,
    token.status,
    token.scopes.join(" "),
    token.created_at,
    token.expires_at,
    token.last_used_at,
  ]);
  return csv([head, ...rows]);
}

export function exportKeys(tokens: Token[]): void {
  download("keys.csv", "text/csv", keysAsCsv(tokens));
}
