import { useLingui } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import { Icon } from "../components/icons";
import { NavigationLink } from "../components/links";

interface Props {
  hasAccounts: boolean;
  close: () => void;
}

/** The way to what only administrators see. */
export function AdministrationLinks({ hasAccounts, close }: Props) {
  const { t } = useLingui();
  return (
    <>
      <Text size="xs" fw={600} c="dimmed" px="sm" pt="md" pb={4}>
        {t`Administration`}
      </Text>
      <NavigationLink
        to="/admin/keys"
        label={t`All keys`}
        leftSection={<Icon name="key" />}
        onClick={close}
      />
      <NavigationLink
        to="/admin/users"
        label={t`Users`}
        leftSection={<Icon name="users" />}
        onClick={close}
      />
      {hasAccounts && (
        <NavigationLink
          to="/admin/accounts"
          label={t`Accounts`}
          leftSection={<Icon name="user" />}
          onClick={close}
        />
      )}
      <NavigationLink
        to="/admin/gates"
        label={t`Gates`}
        leftSection={<Icon name="gate" />}
        onClick={close}
      />
      <NavigationLink
        to="/admin/explain"
        label={t`Would this pass?`}
        leftSection={<Icon name="shield" />}
        onClick={close}
      />
      <NavigationLink
        to="/admin/events"
        label={t`Audit log`}
        leftSection={<Icon name="list" />}
        onClick={close}
      />
      <NavigationLink
        to="/admin/health"
        label={t`Health`}
        leftSection={<Icon name="pulse" />}
        onClick={close}
      />
    </>
  );
}
