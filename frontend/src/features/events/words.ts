// What happened, in words. The API's own stand in the export and the filters.

import { useLingui } from "@lingui/react/macro";

/** As the API names them; a newer service may know more. */
export const ACTIONS = [
  "key.minted",
  "key.renamed",
  "key.narrowed",
  "key.disabled",
  "key.enabled",
  "key.revocation_started",
  "key.revocation_undone",
  "key.revoked",
  "key.rotated",
  "session.started",
  "session.ended",
  "session.refused",
  "account.created",
  "account.invited",
  "account.reset",
  "account.changed",
  "account.disabled",
  "account.enabled",
  "account.deleted",
  "account.password_changed",
  "owner.disabled",
  "owner.enabled",
] as const;

export type Action = (typeof ACTIONS)[number];

export function isAction(text: string): text is Action {
  return ACTIONS.some((action) => action === text);
}

/** The words of each; of one that is not known, its name. */
export function useEventWords(): (action: string) => string {
  const { t } = useLingui();
  const words: Record<Action | "unreadable", string> = {
    "key.minted": t`Key created`,
    "key.renamed": t`Key renamed`,
    "key.narrowed": t`Key narrowed`,
    "key.disabled": t`Key disabled`,
    "key.enabled": t`Key enabled`,
    "key.revocation_started": t`Revocation begun`,
    "key.revocation_undone": t`Revocation taken back`,
    "key.revoked": t`Key revoked for good`,
    "key.rotated": t`Key rotated`,
    "session.started": t`Signed in`,
    "session.ended": t`Signed out`,
    "session.refused": t`Sign-in refused`,
    "account.created": t`Account created`,
    "account.invited": t`Invitation made`,
    "account.reset": t`Reset link made`,
    "account.changed": t`Account changed`,
    "account.disabled": t`Account disabled`,
    "account.enabled": t`Account enabled`,
    "account.deleted": t`Account deleted`,
    "account.password_changed": t`Password changed`,
    "owner.disabled": t`User disabled`,
    "owner.enabled": t`User enabled`,
    unreadable: t`Cannot be read: changed, or under a salt of before`,
  };
  return (action) => (isAction(action) || action === "unreadable" ? words[action] : action);
}
