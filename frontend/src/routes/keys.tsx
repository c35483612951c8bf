import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Pagination, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useLocation, useNavigate, useRouteContext, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { Token } from "../api/contract";
import { Icon } from "../components/icons";
import { LinkButton } from "../components/links";
import { Page } from "../components/page";
import { ProblemAlert, useProblemText } from "../components/problem-alert";
import { Slow } from "../components/slow";
import { useToast } from "../components/toasts";
import { myKeysQuery, sparklinesQuery } from "../features/keys/api";
import { KeysTable } from "../features/keys/components/keys-table";
import { QuickStart } from "../features/keys/components/quick-start";
import { RevokeDialog, useRevokeOrAsk, useUndo } from "../features/keys/components/revoke";
import { RevokeMany } from "../features/keys/components/revoke-many";
import { exportKeys } from "../features/keys/export";
import { hasEnded, type KeySearch, pageOf, type Shown, type Sort } from "../features/keys/filter";

export function KeysPage() {
  const { t } = useLingui();
  const keys = useQuery(myKeysQuery);
  const { me } = useRouteContext({ from: "/signed-in" });
  const current = keys.data?.filter((token) => !hasEnded(token)).length ?? 0;
  const most = me.limits.per_owner_max;
  return (
    <Page
      title={t`My keys`}
      lead={keys.data && keys.data.length > 0 ? t`${current} of ${most} in use` : undefined}
      actions={
        <LinkButton to="/keys/new" leftSection={<Icon name="plus" />}>
          <Trans>New key</Trans>
        </LinkButton>
      }
    >
      {keys.isPending && <Slow />}
      {keys.error && <ProblemAlert error={keys.error} retry={() => void keys.refetch()} />}
      {keys.data?.length === 0 && <QuickStart />}
      {keys.data && keys.data.length > 0 && <Keys tokens={keys.data} />}
    </Page>
  );
}

function Keys({ tokens }: { tokens: Token[] }) {
  const { t } = useLingui();
  const navigate = useNavigate({ from: "/keys" });
  const search = useSearch({ from: "/signed-in/keys" });
  const usage = useQuery(sparklinesQuery);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState<Token | null>(null);
  const revokeOrAsk = useRevokeOrAsk(setAsked);
  const toast = useToast();
  const problemText = useProblemText();
  const revoke = (token: Token) =>
    void revokeOrAsk(token).catch((error: unknown) => {
      const { title, detail } = problemText(error);
      toast({ kind: "bad", text: `${title}. ${detail}` });
    });
  const undo = useUndo();
  const look = (part: KeySearch) =>
    void navigate({ search: (before) => ({ ...before, page: undefined, ...part }), replace: true });
  const { tokens: shown, total, page, pages } = pageOf(tokens, search);
  const select = (ids: string[], isSelected: boolean) =>
    setSelected((before) => {
      const after = new Set(before);
      for (const id of ids) isSelected ? after.add(id) : after.delete(id);
      return after;
    });
  const chosen = tokens.filter(({ id }) => selected.has(id));
  return (
    <Stack>
      <Filters search={search} look={look} />
      <Group justify="space-between">
        <Text size="sm" role="status">
          <Trans>{total} found</Trans>
        </Text>
        <Group gap="xs">
          {chosen.length > 0 && <RevokeMany tokens={chosen} done={() => setSelected(new Set())} />}
          <Button
            variant="default"
            size="sm"
            leftSection={<Icon name="download" />}
            onClick={() => exportKeys(chosen.length > 0 ? chosen : tokens)}
          >
            <Trans>CSV</Trans>
          </Button>
        </Group>
      </Group>
      {shown.length > 0 ? (
        <KeysTable
          tokens={shown}
          search={search}
          usage={usage.data}
          selected={selected}
          select={select}
          sortBy={(sort) => look(sorted(search, sort))}
          revoke={revoke}
          undo={(token) => void undo([token.id])}
        />
      ) : (
        <Text py="xl" ta="center" c="dimmed">
          <Trans>No key matches.</Trans>
        </Text>
      )}
      {pages > 1 && (
        <Pagination
          total={pages}
          value={page}
          onChange={(next) => look({ page: next })}
          getControlProps={(control) => ({
            "aria-label": control === "next" ? t`Next page` : t`Previous page`,
          })}
        />
      )}
      <RevokeDialog token={asked} close={() => setAsked(null)} />
    </Stack>
  );
}

function Filters({ search, look }: { search: KeySearch; look: (part: KeySearch) => void }) {
  const { t } = useLingui();
  const { focus } = useLocation().state;
  return (
    <Group align="flex-end">
      <TextInput
        type="search"
        aria-label={t`Search`}
        placeholder={t`Name, id or scope`}
        leftSection={<Icon name="search" />}
        value={search.search ?? ""}
        onChange={(event) => look({ search: event.currentTarget.value || undefined })}
        flex="1 1 14rem"
        autoFocus={focus === "search"}
        data-search
      />
      <SegmentedControl
        aria-label={t`Which keys`}
        value={search.show ?? "current"}
        onChange={(show) => look({ show: show === "current" ? undefined : (show as Shown) })}
        data={[
          { value: "current", label: t`In use` },
          { value: "ended", label: t`Ended` },
          { value: "all", label: t`All` },
        ]}
      />
    </Group>
  );
}

/** The same head again turns the order round. */
function sorted(search: KeySearch, sort: Sort): KeySearch {
  const isSame = (search.sort ?? "created") === sort;
  const wasDown = search.sort ? (search.desc ?? false) : true;
  const isDown = isSame ? !wasDown : false;
  return { sort, desc: isDown || undefined };
}
