import { Trans, useLingui } from "@lingui/react/macro";
import { Table } from "@mantine/core";
import type { AuditEvent } from "../../../api/contract";
import { useEventWords } from "../words";
import { EventTime } from "./event-time";

/** What happened to one thing: when, what, by whom, from where. */
export function EventsTable({ events, label }: { events: AuditEvent[]; label: string }) {
  const { t } = useLingui();
  const eventWords = useEventWords();
  return (
    <Table className="gl-table" aria-label={label}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>
            <Trans>When</Trans>
          </Table.Th>
          <Table.Th>
            <Trans>What</Trans>
          </Table.Th>
          <Table.Th>
            <Trans>Who</Trans>
          </Table.Th>
          <Table.Th>
            <Trans>From</Trans>
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
            <Table.Td data-label={t`Who`}>{event.actor}</Table.Td>
            <Table.Td data-label={t`From`}>{event.address}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
