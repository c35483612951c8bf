// The form that renames or narrows a key, and what of it is sent.

import type { Token, TokenEdit } from "../../api/contract";
import { endOfDay } from "../../lib/dates";
import { BOUNDS, type Bounds, boundsOf } from "./bounds";

export interface EditFields extends Bounds {
  name: string;
  scopes: string[];
  /** An earlier last day; empty to leave the end as it is. */
  lastDay: string;
}

export function startEdit(token: Token): EditFields {
  return {
    name: token.name ?? "",
    scopes: token.scopes,
    lastDay: "",
    ...boundsOf(token),
  };
}

/** What differs, and nothing else: what is not sent stays. */
export function editOf(token: Token, fields: EditFields): TokenEdit {
  const before = startEdit(token);
  const end = endOfDay(fields.lastDay);
  const edit: TokenEdit = {};
  if (fields.name.trim() !== before.name) edit.name = fields.name.trim();
  if (end) edit.expires_at = end.toISOString();
  for (const list of ["scopes", ...BOUNDS] as const) {
    if (fields[list].join("\n") !== before[list].join("\n")) edit[list] = fields[list];
  }
  return edit;
}
