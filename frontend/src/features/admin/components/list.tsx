// What lists in parts have in common: waiting, failing, empty, and more to come.

import { Trans } from "@lingui/react/macro";
import { Button, Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { ProblemAlert } from "../../../components/problem-alert";
import { Slow } from "../../../components/slow";

interface Props {
  list: {
    isPending: boolean;
    error: unknown;
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    refetch: () => unknown;
    fetchNextPage: () => unknown;
  };
  count: number;
  empty: ReactNode;
  /** Beside the count. */
  actions?: ReactNode;
  children: ReactNode;
}

export function List({ list, count, empty, actions, children }: Props) {
  if (list.isPending) return <Slow />;
  if (list.error && count === 0) {
    return <ProblemAlert error={list.error} retry={() => void list.refetch()} />;
  }
  return (
    <Stack>
      <Group justify="space-between" mih={36}>
        <Text size="sm" role="status">
          {list.hasNextPage ? (
            <Trans>{count} shown, and there are more</Trans>
          ) : (
            <Trans>{count} found</Trans>
          )}
        </Text>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {count > 0 ? (
        children
      ) : (
        <Text py="xl" ta="center" c="dimmed">
          {empty}
        </Text>
      )}
      {list.error !== null && <ProblemAlert error={list.error} />}
      {list.hasNextPage && (
        <Group justify="center">
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            <Trans>Show more</Trans>
          </Button>
        </Group>
      )}
    </Stack>
  );
}
