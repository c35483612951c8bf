import { Trans, useLingui } from "@lingui/react/macro";
import { Button, NativeSelect, SimpleGrid, Table, TextInput } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import type { AuditEvent } from "../../api/contract";
import { Icon } from "../../components/icons";
import { TextLink } from "../../components/links";
import { Page } from "../../components/page";
import { eventsQuery, loaded } from "../../features/admin/api";
import { EventDetails } from "../../features/admin/components/event-details";
import { List } from "../../features/admin/components/list";
import { SearchField } from "../../features/admin/components/search-field";
import { exportPath } from "../../features/admin/filters";
import type { EventsSearch } from "../../features/admin/search";
import { EventTime } from "../../features/events/components/event-time";
import { ACTIONS, useEventWords } from "../../features/events/words";

export function EventsPage() {
  const { t } = useLingui();
  const search = useSearch({ from: "/signed-in/admin/events" });
  const list = useInfiniteQuery(eventsQuery(search));
  const events = loaded(list.data?.pages, ({ id }) => id);
  const [opened, setOpened] = useState<AuditEvent | null>(null);
  return (
    <Page
      title={t`Audit log`}
      lead={t`What was done to keys, sessions and accounts, newest first.`}
    >
      <Filters search={search} />
      <List
        list={list}
        count={events.length}
        empty={<Trans>Nothing of that kind was done.</Trans>}
        actions={
          <>
            <Export href={exportPath(search, "csv")} label={t`CSV`} />
            <Export href={exportPath(search, "jsonl")} label={t`JSON lines`} />
          </>
        }
      >
        <EventRows events={events} open={setOpened} />
      </List>
      <EventDetails event={opened} close={() => setOpened(null)} />
    </Page>
  );
}

/** The service writes the file: all that the filters leave, not just what is shown. */
function Export({ href, label }: { href: string; label: string }) {
  return (
    <Button
      component="a"
      href={href}
      download
      variant="default"
      leftSection={<Icon name="download" />}
    >
      {label}
    </Button>
  );
}

function Filters({ search }: { search: EventsSearch }) {
  const { t } = useLingui();
  const eventWords = useEventWords();
  const navigate = useNavigate({ from: "/admin/events" });
  const look = useCallback(
    (part: EventsSearch) =>
      void navigate({ search: (before) => ({ ...before, ...part }), replace: true }),
    [navigate],
  );
  const byActor = useCallback((actor: string | undefined) => look({ actor }), [look]);
  const ofOwner = useCallback((owner: string | undefined) => look({ owner }), [look]);
  const ofKey = useCallback((key: string | undefined) => look({ key }), [look]);
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="sm">
      <NativeSelect
        label={t`What`}
        value={search.action ?? ""}
        onChange={(event) => look({ action: event.currentTarget.value || undefined })}
        data={[
          { value: "", label: t`Everything` },
          ...ACTIONS.map((value) => ({ value, label: eventWords(value) })),
        ]}
      />
      <SearchField
        isMain
        label={t`By whom`}
        placeholder={t`Such as corp:alice`}
        value={search.actor ?? ""}
        change={byActor}
      />
      <SearchField
        label={t`Of whom`}
        placeholder={t`Such as corp:alice`}
        value={search.owner ?? ""}
        change={ofOwner}
      />
      <SearchField
        label={t`Key`}
        placeholder={t`The id of a key`}
        value={search.key ?? ""}
        change={ofKey}
      />
      <TextInput
        type="date"
        label={t`From day`}
        value={search.since ?? ""}
        max={search.until}
        onChange={(event) => look({ since: event.currentTarget.value || undefined })}
      />
      <TextInput
        type="date"
        label={t`To day`}
        value={search.until ?? ""}
        min={search.since}
        onChange={(event) => look({ until: event.currentTarget.value || undefined })}
      />
    </SimpleGrid>
  );
}

function EventRows({ events, open }: { events: AuditEvent[]; open: (event: AuditEvent) => void }) {
  const { t } = useLingui();
  const eventWords = useEventWords();
  return (
    <Table className="gl-table" verticalSpacing="sm" aria-label={t`Audit log`}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>
            <Trans>When</Trans>
          </Table.Th>
          <Table.Th>
            <Trans>What</Trans>
          </Table.Th>
          <Table.Th>
            <Trans>By whom</Trans>
          </Table.Th>
          <Table.Th>
            <Trans>Of whom</Trans>
          </Table.Th>
          <Table.Th>
            <Trans>From</Trans>
          </Table.Th>
          <Table.Th w={90}>
            <span className="gl-hidden">
              <Trans>Details</Trans>
            </span>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {events.map((event) => (
          <Table.Tr key={event.id}>
            <Table.Td data-label={t`When`}>
              <EventTime at={event.at} />
            </Table.Td>
            <Table.Td data-label={t`What`}>{eventWords(event.action)}</Table.Td>
            <Table.Td data-label={t`By whom`}>{event.actor}</Table.Td>
            <Table.Td data-label={t`Of whom`}>
              {event.owner && (
                <TextLink to="/admin/users/$owner" params={{ owner: event.owner }} inherit>
                  {event.owner}
                </TextLink>
              )}
            </Table.Td>
            <Table.Td data-label={t`From`}>{event.address}</Table.Td>
            <Table.Td>
              <Button
                size="compact-sm"
                variant="default"
                aria-label={t`Details: ${eventWords(event.action)}`}
                onClick={() => open(event)}
              >
                <Trans>Details</Trans>
              </Button>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
