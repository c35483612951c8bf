import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Group, Menu, NativeSelect, Table, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import type { Account } from "../../api/contract";
import { Icon } from "../../components/icons";
import { TextLink } from "../../components/links";
import { Page } from "../../components/page";
import { ProblemAlert, useProblemText } from "../../components/problem-alert";
import { Slow } from "../../components/slow";
import { RelativeTime } from "../../components/time";
import { useToast } from "../../components/toasts";
import { ACCOUNTS, accountsQuery, EVENTS, editAccount, PEOPLE } from "../../features/admin/api";
import { AccountDialogs, type Dialog } from "../../features/admin/components/account-dialogs";
import { AccountMarks } from "../../features/admin/components/account-marks";
import { SearchField } from "../../features/admin/components/search-field";
import { isShownAccount } from "../../features/admin/filters";
import type { AccountsSearch, AccountsShown } from "../../features/admin/search";

export function AccountsPage() {
  const { t } = useLingui();
  const search = useSearch({ from: "/signed-in/admin/accounts" });
  const accounts = useQuery(accountsQuery);
  // A link that is shown lives here, and is gone when its dialog closes.
  const [dialog, setDialog] = useState<Dialog>(null);
  const changed = useChanged();
  const enable = useEnable(changed);
  const shown = accounts.data?.filter((account) => isShownAccount(account, search)) ?? [];
  const count = shown.length;
  return (
    <Page
      title={t`Accounts`}
      lead={t`People with a password that is kept here. They come in by a link that you hand over.`}
      actions={
        <Button leftSection={<Icon name="plus" />} onClick={() => setDialog({ kind: "create" })}>
          <Trans>Invite somebody</Trans>
        </Button>
      }
    >
      <Filters search={search} />
      {accounts.isPending && <Slow />}
      {accounts.error && (
        <ProblemAlert error={accounts.error} retry={() => void accounts.refetch()} />
      )}
      {accounts.data && (
        <Text size="sm" role="status">
          <Trans>{count} found</Trans>
        </Text>
      )}
      {count > 0 && <AccountsTable accounts={shown} show={setDialog} enable={enable} />}
      {accounts.data && count === 0 && (
        <Text py="xl" ta="center" c="dimmed">
          <Trans>No account matches.</Trans>
        </Text>
      )}
      <AccountDialogs dialog={dialog} show={setDialog} changed={changed} />
    </Page>
  );
}

function useChanged(): (text: string) => void {
  const queries = useQueryClient();
  const toast = useToast();
  return (text) => {
    toast({ text });
    for (const queryKey of [ACCOUNTS, PEOPLE, EVENTS]) {
      void queries.invalidateQueries({ queryKey });
    }
  };
}

function useEnable(changed: (text: string) => void): (account: Account) => void {
  const { t } = useLingui();
  const toast = useToast();
  const problemText = useProblemText();
  return ({ username }) => {
    editAccount(username, { disabled: false }).then(
      () => changed(t`${username} is let in again.`),
      (error: unknown) => {
        const { title, detail } = problemText(error);
        toast({ kind: "bad", text: `${title}. ${detail}` });
      },
    );
  };
}

function Filters({ search }: { search: AccountsSearch }) {
  const { t } = useLingui();
  const navigate = useNavigate({ from: "/admin/accounts" });
  const look = useCallback(
    (part: AccountsSearch) =>
      void navigate({ search: (before) => ({ ...before, ...part }), replace: true }),
    [navigate],
  );
  const find = useCallback((text: string | undefined) => look({ search: text }), [look]);
  return (
    <Group align="flex-end" className="gl-filters">
      <SearchField
        isMain
        label={t`Search`}
        placeholder={t`User name, name, mail or group`}
        value={search.search ?? ""}
        change={find}
      />
      <NativeSelect
        label={t`Status`}
        value={search.show ?? ""}
        onChange={(event) =>
          look({ show: (event.currentTarget.value || undefined) as AccountsShown | undefined })
        }
        data={[
          { value: "", label: t`Any` },
          { value: "active", label: t`In use` },
          { value: "invited", label: t`Invited` },
          { value: "disabled", label: t`Kept out` },
          { value: "locked", label: t`Locked after failures` },
        ]}
      />
    </Group>
  );
}

interface TableProps {
  accounts: Account[];
  show: (dialog: Dialog) => void;
  enable: (account: Account) => void;
}

function AccountsTable({ accounts, show, enable }: TableProps) {
  const { t } = useLingui();
  return (
    <Table className="gl-table" verticalSpacing="sm" aria-label={t`Accounts`}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>
            <Trans>User name</Trans>
          </Table.Th>
          <Table.Th>
            <Trans>Name</Trans>
          </Table.Th>
          <Table.Th>
            <Trans>Groups</Trans>
          </Table.Th>
          <Table.Th>
            <Trans>Status</Trans>
          </Table.Th>
          <Table.Th>
            <Trans>Last sign-in</Trans>
          </Table.Th>
          <Table.Th w={44}>
            <span className="gl-hidden">
              <Trans>Actions</Trans>
            </span>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {accounts.map((account) => (
          <Table.Tr key={account.username}>
            <Table.Td data-label={t`User name`}>
              <TextLink to="/admin/users/$owner" params={{ owner: account.owner }} fw={600}>
                {account.username}
              </TextLink>
            </Table.Td>
            <Table.Td data-label={t`Name`}>
              {(account.name || account.email) && (
                <div>
                  {account.name}
                  {account.email && (
                    <Text size="xs" c="dimmed">
                      {account.email}
                    </Text>
                  )}
                </div>
              )}
            </Table.Td>
            <Table.Td data-label={t`Groups`}>{account.groups.join(", ")}</Table.Td>
            <Table.Td data-label={t`Status`}>
              <AccountMarks account={account} />
            </Table.Td>
            <Table.Td data-label={t`Last sign-in`}>
              {account.last_sign_in_at ? (
                <RelativeTime at={account.last_sign_in_at} />
              ) : (
                <Trans>never</Trans>
              )}
            </Table.Td>
            <Table.Td>
              <RowMenu account={account} show={show} enable={enable} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function RowMenu({ account, show, enable }: { account: Account } & Omit<TableProps, "accounts">) {
  const { t } = useLingui();
  const name = account.username;
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t`Actions for ${name}`}>
          <Icon name="dots" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<Icon name="edit" />}
          onClick={() => show({ kind: "edit", account })}
        >
          <Trans>Change</Trans>
        </Menu.Item>
        {account.status === "disabled" ? (
          <Menu.Item leftSection={<Icon name="check" />} onClick={() => enable(account)}>
            <Trans>Enable</Trans>
          </Menu.Item>
        ) : (
          <>
            <Menu.Item
              leftSection={<Icon name="key" />}
              onClick={() => show({ kind: "link", account })}
            >
              {account.status === "invited" ? (
                <Trans>New invitation</Trans>
              ) : (
                <Trans>Reset the password</Trans>
              )}
            </Menu.Item>
            <Menu.Item
              leftSection={<Icon name="pause" />}
              onClick={() => show({ kind: "disable", account })}
            >
              <Trans>Disable</Trans>
            </Menu.Item>
          </>
        )}
        <Menu.Item
          color="red"
          leftSection={<Icon name="trash" />}
          onClick={() => show({ kind: "delete", account })}
        >
          <Trans>Delete</Trans>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
