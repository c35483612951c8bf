import { Trans, useLingui } from "@lingui/react/macro";
import { Checkbox, Table, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Token } from "../../../api/contract";
import { TextLink } from "../../../components/links";
import { Day, RelativeTime } from "../../../components/time";
import { shortKey } from "../../../lib/mask";
import { Scopes } from "../../keys/components/keys-table";
import { StatusBadge } from "../../keys/components/status-badge";
import { hasEnded } from "../../keys/filter";
import { isDescending } from "../filters";
import type { AllKeysSearch, KeySort } from "../search";

export interface Selection {
  ids: ReadonlySet<string>;
  select: (ids: string[], isSelected: boolean) => void;
}

interface Props {
  tokens: Token[];
  search: AllKeysSearch;
  sortBy: (sort: KeySort) => void;
  selection: Selection;
  label: string;
  /** Where all are of one. */
  hidesOwner?: boolean;
}

export function isRevocable(token: Token): boolean {
  return !hasEnded(token) && token.status !== "revoking";
}

export function AllKeysTable(props: Props) {
  const { tokens, search, sortBy, selection, label, hidesOwner } = props;
  const { t } = useLingui();
  const open = tokens.filter(isRevocable).map(({ id }) => id);
  const chosen = open.filter((id) => selection.ids.has(id)).length;
  const head = { search, sortBy };
  return (
    <Table className="gl-table" verticalSpacing="sm" aria-label={label}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={36}>
            {open.length > 0 && (
              <Checkbox
                aria-label={t`Choose all that are shown`}
                checked={chosen === open.length}
                indeterminate={chosen > 0 && chosen < open.length}
                onChange={(event) => selection.select(open, event.currentTarget.checked)}
              />
            )}
          </Table.Th>
          <SortHead sort="name" {...head}>
            <Trans>Name</Trans>
          </SortHead>
          {!hidesOwner && (
            <SortHead sort="owner" {...head}>
              <Trans>Owner</Trans>
            </SortHead>
          )}
          <SortHead sort="status" {...head}>
            <Trans>Status</Trans>
          </SortHead>
          <Table.Th>
            <Trans>Scopes</Trans>
          </Table.Th>
          <SortHead sort="created" {...head}>
            <Trans>Created</Trans>
          </SortHead>
          <SortHead sort="expires" {...head}>
            <Trans>Ends</Trans>
          </SortHead>
          <SortHead sort="used" {...head}>
            <Trans>Last used</Trans>
          </SortHead>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {tokens.map((token) => (
          <KeyRow
            key={token.id}
            token={token}
            selection={selection}
            hidesOwner={hidesOwner ?? false}
          />
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
}: { sort: KeySort; children: ReactNode } & Pick<Props, "search" | "sortBy">) {
  const isCurrent = (search.sort ?? "created") === sort;
  const isDown = isDescending(search);
  return (
    <Table.Th aria-sort={isCurrent ? (isDown ? "descending" : "ascending") : "none"}>
      <button type="button" className="gl-sort" onClick={() => sortBy(sort)}>
        {children}
        <span aria-hidden="true">{isCurrent ? (isDown ? "↓" : "↑") : ""}</span>
      </button>
    </Table.Th>
  );
}

interface RowProps {
  token: Token;
  selection: Selection;
  hidesOwner: boolean;
}

function KeyRow({ token, selection, hidesOwner }: RowProps) {
  const { t } = useLingui();
  const name = token.name ?? t`Without a name`;
  const owner = token.owner ?? "";
  return (
    <Table.Tr data-ended={hasEnded(token) || undefined}>
      <Table.Td>
        {isRevocable(token) && (
          <Checkbox
            aria-label={t`Choose ${name}`}
            checked={selection.ids.has(token.id)}
            onChange={(event) => selection.select([token.id], event.currentTarget.checked)}
          />
        )}
      </Table.Td>
      <Table.Td data-label={t`Name`}>
        <div>
          <TextLink to="/admin/users/$owner/keys/$id" params={{ owner, id: token.id }} fw={600}>
            {name}
          </TextLink>
          <Text size="xs" c="dimmed" ff="monospace">
            {shortKey(token)}
          </Text>
        </div>
      </Table.Td>
      {!hidesOwner && (
        <Table.Td data-label={t`Owner`}>
          <TextLink to="/admin/users/$owner" params={{ owner }} inherit>
            {owner}
          </TextLink>
        </Table.Td>
      )}
      <Table.Td data-label={t`Status`}>
        <StatusBadge token={token} />
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
        {token.last_used_at ? <RelativeTime at={token.last_used_at} /> : <Trans>never</Trans>}
      </Table.Td>
    </Table.Tr>
  );
}
