import { useLingui } from "@lingui/react/macro";
import { Drawer, Group, Stack } from "@mantine/core";
import type { AuditEvent } from "../../../api/contract";
import { TextLink } from "../../../components/links";
import { Facts } from "../../../components/section";
import { exact } from "../../../lib/dates";
import { useEventWords } from "../../events/words";
import { detailText, useDetailWords } from "../details";

/** All that is known of an event. */
export function EventDetails({ event, close }: { event: AuditEvent | null; close: () => void }) {
  const { t } = useLingui();
  const eventWords = useEventWords();
  return (
    <Drawer.Root opened={event !== null} onClose={close} position="right">
      <Drawer.Overlay />
      <Drawer.Content>
        {/* Mantine's own head of a drawer is a second banner to a screen reader. */}
        <Group p="md" justify="space-between" wrap="nowrap">
          <Drawer.Title fw={600}>{event && eventWords(event.action)}</Drawer.Title>
          <Drawer.CloseButton aria-label={t`Close`} />
        </Group>
        <Drawer.Body>{event && <Details event={event} />}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}

function Details({ event }: { event: AuditEvent }) {
  const { t, i18n } = useLingui();
  const detailWords = useDetailWords();
  const { owner, key_id: id } = event;
  return (
    <Stack>
      <Facts
        facts={[
          [t`When`, event.at ? exact(i18n.locale, new Date(event.at)) : t`time not known`],
          [t`What`, <code key="what">{event.action}</code>],
          [t`Who`, event.actor],
          [
            t`Of whom`,
            owner && (
              <TextLink key="owner" to="/admin/users/$owner" params={{ owner }}>
                {owner}
              </TextLink>
            ),
          ],
          [
            t`Key`,
            id &&
              (owner ? (
                <TextLink key="key" to="/admin/users/$owner/keys/$id" params={{ owner, id }}>
                  {id}
                </TextLink>
              ) : (
                <code>{id}</code>
              )),
          ],
          [t`Session`, event.session_id && <code>{event.session_id}</code>],
          [t`From`, event.address],
          [t`Request id`, event.request_id && <code>{event.request_id}</code>],
          [t`Event id`, <code key="id">{event.id}</code>],
          ...Object.entries(event.details).map(([name, value]): [string, string] => [
            detailWords(name),
            detailText(i18n.locale, value),
          ]),
        ]}
      />
    </Stack>
  );
}
