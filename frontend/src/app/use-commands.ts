import { useLingui } from "@lingui/react/macro";
import { useMantineColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { myKeysQuery } from "../features/keys/api";
import { hasEnded } from "../features/keys/filter";
import { useSignOut } from "../features/session/use-sign-out";
import { useConfig } from "../lib/config";
import { shortKey } from "../lib/mask";
import { useAdministration } from "./administration";
import type { Command } from "./commands";

/** Everywhere that one can go, and what one can do anywhere. */
export function useCommands(): Command[] {
  const { t } = useLingui();
  const pages = usePages();
  const keys = useKeyCommands();
  const leave = useSignOut();
  const { setColorScheme } = useMantineColorScheme();
  return [
    ...pages,
    ...keys,
    { id: "light", label: t`Light theme`, icon: "sun", act: () => setColorScheme("light") },
    { id: "dark", label: t`Dark theme`, icon: "sun", act: () => setColorScheme("dark") },
    { id: "auto", label: t`Theme of the system`, icon: "sun", act: () => setColorScheme("auto") },
    { id: "sign-out", label: t`Sign out`, icon: "exit", act: () => void leave() },
  ];
}

function usePages(): Command[] {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { api_docs_path } = useConfig();
  const administration = useAdministration();
  const go = (to: "/keys" | "/keys/new" | "/help" | "/account") => () => void navigate({ to });
  return [
    { id: "keys", label: t`My keys`, icon: "key", act: go("/keys") },
    { id: "new", label: t`New key`, icon: "plus", act: go("/keys/new") },
    { id: "help", label: t`How to send a key`, icon: "book", act: go("/help") },
    { id: "account", label: t`Account`, icon: "user", act: go("/account") },
    {
      id: "docs",
      label: t`API reference`,
      icon: "list",
      act: () => window.location.assign(api_docs_path),
    },
    ...administration.map(({ to, label, icon }) => ({
      id: to,
      label,
      icon,
      act: () => void navigate({ to }),
    })),
  ];
}

function useKeyCommands(): Command[] {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { data } = useQuery(myKeysQuery);
  return (data ?? [])
    .filter((token) => !hasEnded(token))
    .map((token) => ({
      id: token.id,
      label: token.name ?? t`Without a name`,
      note: shortKey(token),
      icon: "key",
      act: () => void navigate({ to: "/keys/$id", params: { id: token.id } }),
    }));
}
