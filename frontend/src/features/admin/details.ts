// What else is known of an event, in words: its details have the API's names.

import { useLingui } from "@lingui/react/macro";
import { exact } from "../../lib/dates";

/** The words of each; of one that is not known, its name. */
export function useDetailWords(): (name: string) => string {
  const { t } = useLingui();
  const words = new Map([
    ["admin", t`Administrator`],
    ["bounds", t`Bound to`],
    ["email", t`Mail`],
    ["expires_at", t`Ends`],
    ["expires_at_before", t`Ended before`],
    ["from", t`Formerly`],
    ["grace_until", t`Still works until`],
    ["groups", t`Groups`],
    ["hosts", t`Hosts`],
    ["method", t`Way in`],
    ["methods", t`Methods`],
    ["must_change_password", t`Must choose a new password`],
    ["name", t`Name`],
    ["networks", t`Networks`],
    ["paths", t`Paths`],
    ["provider", t`Provider`],
    ["reason", t`Reason`],
    ["revoke_at", t`Final at`],
    ["rotated_from", t`Took the place of`],
    ["rotated_to", t`Replaced by`],
    ["scopes", t`Scopes`],
    ["scopes_before", t`Scopes before`],
    ["sessions", t`Sessions`],
    ["to", t`Now`],
    ["was_bound", t`Bound before`],
  ]);
  return (name) => words.get(name) ?? name;
}

/** A value as people read it: a time in their language and zone, anything else as it is. */
export function detailText(locale: string, value: string): string {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/.test(value)) return value;
  return exact(locale, new Date(value));
}
