import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, NativeSelect } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { Icon } from "../../components/icons";
import { Page } from "../../components/page";
import { allKeysQuery, loaded } from "../../features/admin/api";
import { AllKeysTable, isRevocable } from "../../features/admin/components/all-keys-table";
import { BulkRevoke } from "../../features/admin/components/bulk-revoke";
import { List } from "../../features/admin/components/list";
import { SearchField } from "../../features/admin/components/search-field";
import { exportAllKeys } from "../../features/admin/export";
import { inOrder, isFiltered, sortedBy } from "../../features/admin/filters";
import type { AllKeysSearch, Concern, KeyStanding } from "../../features/admin/search";

export function AllKeysPage() {
  const { t } = useLingui();
  const search = useSearch({ from: "/signed-in/admin/keys" });
  const look = useLook();
  const list = useInfiniteQuery(allKeysQuery(search));
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const tokens = inOrder(
    loaded(list.data?.pages, ({ id }) => id),
    search,
  );
  const select = (ids: string[], isSelected: boolean) =>
    setSelected((before) => {
      const after = new Set(before);
      for (const id of ids) isSelected ? after.add(id) : after.delete(id);
      return after;
    });
  const none = () => setSelected(new Set());
  const chosen = tokens.filter((token) => selected.has(token.id) && isRevocable(token));
  return (
    <Page title={t`All keys`} lead={t`Everybody's, yours among them.`}>
      <Filters search={search} look={look} />
      <List
        list={list}
        count={tokens.length}
        empty={<Trans>No key matches.</Trans>}
        actions={
          <>
            {chosen.length > 0 && (
              <BulkRevoke
                choice={{ ids: chosen.map(({ id }) => id) }}
                label={<Plural value={chosen.length} one="Revoke # key" other="Revoke # keys" />}
                done={none}
              />
            )}
            {chosen.length === 0 && isFiltered(search) && tokens.length > 0 && (
              <BulkRevoke
                choice={{ search }}
                label={<Trans>Revoke all that match</Trans>}
                done={none}
              />
            )}
            <Button
              variant="default"
              leftSection={<Icon name="download" />}
              onClick={() => exportAllKeys(chosen.length > 0 ? chosen : tokens)}
            >
              <Trans>CSV</Trans>
            </Button>
          </>
        }
      >
        <AllKeysTable
          label={t`All keys`}
          tokens={tokens}
          search={search}
          sortBy={(sort) => look(sortedBy(search, sort))}
          selection={{ ids: selected, select }}
        />
      </List>
    </Page>
  );
}

type Look = (part: AllKeysSearch) => void;

function useLook(): Look {
  const navigate = useNavigate({ from: "/admin/keys" });
  return useCallback(
    (part) => void navigate({ search: (before) => ({ ...before, ...part }), replace: true }),
    [navigate],
  );
}

function Filters({ search, look }: { search: AllKeysSearch; look: Look }) {
  const { t } = useLingui();
  const find = useCallback((text: string | undefined) => look({ search: text }), [look]);
  const ofOwner = useCallback((owner: string | undefined) => look({ owner }), [look]);
  return (
    <Group align="flex-end" className="gl-filters">
      <SearchField
        isMain
        label={t`Search`}
        placeholder={t`Name, id or owner`}
        value={search.search ?? ""}
        change={find}
      />
      <SearchField
        label={t`Owner`}
        placeholder={t`Such as corp:alice`}
        value={search.owner ?? ""}
        change={ofOwner}
      />
      <NativeSelect
        label={t`What to look at`}
        value={search.concern ?? ""}
        onChange={(event) =>
          look({ concern: (event.currentTarget.value || undefined) as Concern | undefined })
        }
        data={[
          { value: "", label: t`Everything` },
          { value: "never_expires", label: t`Never end` },
          { value: "unused_90_days", label: t`Not used for 90 days` },
          { value: "expiring_soon", label: t`End within a week` },
          { value: "too_broad", label: t`Broad, and bound to nothing` },
        ]}
      />
      <NativeSelect
        label={t`Status`}
        value={search.status ?? ""}
        onChange={(event) =>
          look({ status: (event.currentTarget.value || undefined) as KeyStanding | undefined })
        }
        data={[
          { value: "", label: t`Any` },
          { value: "active", label: t`Active` },
          { value: "disabled", label: t`Disabled` },
          { value: "expired", label: t`Expired` },
          { value: "superseded", label: t`Replaced` },
          { value: "revoking", label: t`Being revoked` },
        ]}
      />
    </Group>
  );
}
