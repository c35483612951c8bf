import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Icon } from "../../../components/icons";
import { LinkButton } from "../../../components/links";
import { ProblemAlert } from "../../../components/problem-alert";
import { Slow } from "../../../components/slow";
import { keysOfQuery } from "../../keys/api";
import { inOrder, sortedBy } from "../filters";
import type { AllKeysSearch } from "../search";
import { AllKeysTable, isRevocable } from "./all-keys-table";
import { BulkRevoke } from "./bulk-revoke";

/** Somebody's keys, those that ended included. */
export function KeysOfUser({ owner }: { owner: string }) {
  const { t } = useLingui();
  const keys = useQuery(keysOfQuery(owner));
  const [order, setOrder] = useState<AllKeysSearch>({});
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const tokens = inOrder(keys.data ?? [], order);
  const chosen = tokens.filter((token) => selected.has(token.id) && isRevocable(token));
  const select = (ids: string[], isSelected: boolean) =>
    setSelected((before) => {
      const after = new Set(before);
      for (const id of ids) isSelected ? after.add(id) : after.delete(id);
      return after;
    });
  return (
    <Stack>
      <Group gap="xs">
        <LinkButton
          to="/admin/users/$owner/new-key"
          params={{ owner }}
          leftSection={<Icon name="plus" />}
        >
          <Trans>New key for them</Trans>
        </LinkButton>
        {chosen.length > 0 && (
          <BulkRevoke
            choice={{ ids: chosen.map(({ id }) => id) }}
            label={<Plural value={chosen.length} one="Revoke # key" other="Revoke # keys" />}
            done={() => setSelected(new Set())}
          />
        )}
      </Group>
      {keys.isPending && <Slow />}
      {keys.error && <ProblemAlert error={keys.error} retry={() => void keys.refetch()} />}
      {keys.data?.length === 0 && (
        <Text c="dimmed">
          <Trans>No keys yet.</Trans>
        </Text>
      )}
      {tokens.length > 0 && (
        <AllKeysTable
          label={t`Keys of ${owner}`}
          tokens={tokens}
          search={order}
          sortBy={(sort) => setOrder(sortedBy(order, sort))}
          selection={{ ids: selected, select }}
          hidesOwner
        />
      )}
    </Stack>
  );
}
