import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Badge, Checkbox, Group, Menu, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Token } from "../../../api/contract";
import { Icon } from "../../../components/icons";
import { TextLink } from "../../../components/links";
import { Sparkline } from "../../../components/sparkline";
import { Day, RelativeTime } from "../../../components/time";
import { shortKey } from "../../../lib/mask";
import { hasEnded, type KeySearch, type Sort } from "../filter";
import { LastUsed } from "./last-used";
import { StatusBadge } from "./status-badge";

export interface KeysTableProps {
  tokens: Token[];
  search: KeySearch;
  usage: Record<string, number[]> | undefined;
  selected: ReadonlySet<string>;
  select: (ids: string[], isSelected: boolean) => void;
  sortBy: (sort: Sort) => void;
  revoke: (token: Token) => void;
  undo: (token: Token) => void;
}

export function KeysTable(props: KeysTableProps) {
  const { t } = useLingui();
  const { tokens, selected } = props;
  const open = tokens.filter((token) => !hasEnded(token)).map(({ id }) => id);
  const chosen = open.filter((id) => selected.has(id)).length;
  return (
    <Table className="gl-table gl-cards" verticalSpacing="sm" aria-label={t`My keys`}>
      <Table.Thead>
        <Table.Tr>
          {open.length > 0 ? (
            <Table.Th w={36}>
              <Checkbox
                aria-label={t`Choose all on this page`}
                checked={chosen === open.length}
                indeterminate={chosen > 0 && chosen < open.length}
                onChange={(event) => props.select(open, event.currentTarget.checked)}
              />
            </Table.Th>
          ) : (
            <Table.Td w={36} />
          )}
          <SortHead sort="name" {...props}>
            <Trans>Name</Trans>
          </SortHead>
          <SortHead sort="status" {...props}>
            <Trans>Status</Trans>
          </SortHead>
          <Table.Th>
            <Trans>Scopes</Trans>
          </Table.Th>
          <SortHead sort="created" {...props}>
            <Trans>Created</Trans>
          </SortHead>
          <SortHead sort="expires" {...props}>
            <Trans>Ends</Trans>
          </SortHead>
          <SortHead sort="used" {...props}>
            <Trans>Last used</Trans>
          </SortHead>
          <Table.Th>
            <Trans>30 days</Trans>
          </Table.Th>
          <Table.Th w={44}>
            <span className="gl-hidden">
              <Trans>Actions</Trans>
            </span>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {tokens.map((token) => (
          <KeyRow key={token.id} token={token} {...props} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function SortHead({
  sort,
  search,
  sortBy,
  children,
}: { sort: Sort; children: ReactNode } & Pick<KeysTableProps, "search" | "sortBy">) {
  const current = search.sort ?? "created";
  const isDown = search.sort ? (search.desc ?? false) : true;
  const direction = isDown ? "descending" : "ascending";
  return (
    <Table.Th aria-sort={current === sort ? direction : "none"}>
      <button type="button" className="gl-sort" onClick={() => sortBy(sort)}>
        {children}
        <span aria-hidden="true">{current === sort ? (isDown ? "↓" : "↑") : ""}</span>
      </button>
    </Table.Th>
  );
}

function KeyRow({
  token,
  usage,
  selected,
  select,
  revoke,
  undo,
}: { token: Token } & KeysTableProps) {
  const { t } = useLingui();
  const name = token.name ?? t`Without a name`;
  const ended = hasEnded(token);
  const counts = usage?.[token.id];
  return (
    <Table.Tr data-ended={ended || undefined}>
      <Table.Td>
        {!ended && (
          <Checkbox
            aria-label={t`Choose ${name}`}
            checked={selected.has(token.id)}
            onChange={(event) => select([token.id], event.currentTarget.checked)}
          />
        )}
      </Table.Td>
      <Table.Td data-label={t`Name`}>
        <div>
          <TextLink to="/keys/$id" params={{ id: token.id }} fw={600}>
            {name}
          </TextLink>
          <Text size="xs" c="dimmed" ff="monospace">
            {shortKey(token)}
          </Text>
        </div>
      </Table.Td>
      <Table.Td data-label={t`Status`}>
        <div>
          <StatusBadge token={token} />
          <EndNote token={token} />
        </div>
      </Table.Td>
      <Table.Td data-label={t`Scopes`}>
        <Scopes scopes={token.scopes} />
      </Table.Td>
      <Table.Td data-label={t`Created`}>
        <Day at={token.created_at} />
      </Table.Td>
      <Table.Td data-label={t`Ends`}>
        {token.expires_at ? <Day at={token.expires_at} /> : <Trans>never</Trans>}
      </Table.Td>
      <Table.Td data-label={t`Last used`}>
        <LastUsed token={token} />
      </Table.Td>
      <Table.Td data-label={t`30 days`}>{counts && <Sparkline counts={counts} />}</Table.Td>
      <Table.Td>
        <RowMenu name={name} token={token} revoke={revoke} undo={undo} />
      </Table.Td>
    </Table.Tr>
  );
}

/** By whom and when a key ended. */
function EndNote({ token }: { token: Token }) {
  const { revoked_at: at, revoked_by: by } = token;
  if (!at) return null;
  return (
    <Text size="xs" c="dimmed">
      {by ? (
        <Trans>
          by {by}, <RelativeTime at={at} />
        </Trans>
      ) : (
        <RelativeTime at={at} />
      )}
    </Text>
  );
}

export function Scopes({ scopes }: { scopes: string[] }) {
  if (scopes.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        <Trans>none</Trans>
      </Text>
    );
  }
  return (
    <Group gap={4}>
      {scopes.map((scope) => (
        <Badge key={scope} className="gl-scope" variant="default" tt="none" fw={500}>
          {scope}
        </Badge>
      ))}
    </Group>
  );
}

function RowMenu({
  name,
  token,
  revoke,
  undo,
}: { name: string; token: Token } & Pick<KeysTableProps, "revoke" | "undo">) {
  const { t } = useLingui();
  return (
    <Menu position="bottom-end" withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          c="var(--mantine-color-text)"
          size="lg"
          aria-label={t`Actions for ${name}`}
        >
          <Icon name="dots" size={22} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<Icon name="list" />}
          renderRoot={(props) => <Link to="/keys/$id" params={{ id: token.id }} {...props} />}
        >
          <Trans>Open</Trans>
        </Menu.Item>
        <Menu.Item
          leftSection={<Icon name="copy" />}
          renderRoot={(props) => <Link to="/keys/new" search={{ copy: token.id }} {...props} />}
        >
          <Trans>New key like this</Trans>
        </Menu.Item>
        {token.status === "revoking" && (
          <Menu.Item leftSection={<Icon name="back" />} onClick={() => undo(token)}>
            <Trans>Take the revocation back</Trans>
          </Menu.Item>
        )}
        {!hasEnded(token) && token.status !== "revoking" && (
          <Menu.Item
            className="gl-danger"
            leftSection={<Icon name="trash" />}
            onClick={() => revoke(token)}
          >
            <Trans>Revoke</Trans>
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
