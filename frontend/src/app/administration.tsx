// The way to what only administrators see, for the menu and the palette.

import { useLingui } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Icon, type IconName } from "../components/icons";
import { NavigationLink } from "../components/links";
import { sessionQuery } from "../features/session/api";

interface Place {
  to:
    | "/admin/keys"
    | "/admin/users"
    | "/admin/accounts"
    | "/admin/gates"
    | "/admin/explain"
    | "/admin/events"
    | "/admin/health";
  label: string;
  icon: IconName;
}

/** None for whoever is no administrator. */
export function useAdministration(): Place[] {
  const { t } = useLingui();
  const { data } = useQuery(sessionQuery);
  if (!data?.me?.admin) return [];
  const accounts: Place = { to: "/admin/accounts", label: t`Accounts`, icon: "user" };
  return [
    { to: "/admin/keys", label: t`All keys`, icon: "key" },
    { to: "/admin/users", label: t`Users`, icon: "users" },
    ...(data.ways.password ? [accounts] : []),
    { to: "/admin/gates", label: t`Gates`, icon: "gate" },
    { to: "/admin/explain", label: t`Would this pass?`, icon: "shield" },
    { to: "/admin/events", label: t`Audit log`, icon: "list" },
    { to: "/admin/health", label: t`Health`, icon: "pulse" },
  ];
}

export function AdministrationLinks({ close }: { close: () => void }) {
  const { t } = useLingui();
  const places = useAdministration();
  if (places.length === 0) return null;
  return (
    <>
      <Text size="xs" fw={600} c="dimmed" px="sm" pt="md" pb={4}>
        {t`Administration`}
      </Text>
      {places.map(({ to, label, icon }) => (
        <NavigationLink
          key={to}
          to={to}
          label={label}
          leftSection={<Icon name={icon} />}
          onClick={close}
        />
      ))}
    </>
  );
}
