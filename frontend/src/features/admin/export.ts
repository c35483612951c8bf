import type { Token } from "../../api/contract";
import { csv } from "../../lib/csv";
import { download } from "../../lib/download";

const COLUMNS = [
  "id",
  "name",
  "owner",
  "status",
  "scopes",
  "created_at",
  "created_by",
  "expires_at",
  "last_used_at",
] as const;

/** The keys as a table for other programs: names as the API has them. */
export function allKeysAsCsv(tokens: Token[]): string {
  const cell = (value: string | string[] | null | undefined) =>
    Array.isArray(value) ? value.join(" ") : value;
  return csv([[...COLUMNS], ...tokens.map((token) => COLUMNS.map((name) => cell(token[name])))]);
}

export function exportAllKeys(tokens: Token[]): void {
  download("all-keys.csv", "text/csv", allKeysAsCsv(tokens));
}
