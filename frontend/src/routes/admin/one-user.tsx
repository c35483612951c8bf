import { Trans, useLingui } from "@lingui/react/macro";
import { Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { Person } from "../../api/contract";
import { Icon } from "../../components/icons";
import { LinkButton } from "../../components/links";
import { Page } from "../../components/page";
import { ProblemAlert } from "../../components/problem-alert";
import { Facts, Section } from "../../components/section";
import { Slow } from "../../components/slow";
import { RelativeTime } from "../../components/time";
import { personQuery } from "../../features/admin/api";
import { DisableUser } from "../../features/admin/components/disable-user";
import { KeysOfUser } from "../../features/admin/components/keys-of-user";
import { PersonMarks } from "../../features/admin/components/person-marks";
import { SessionsOfUser } from "../../features/admin/components/sessions-of-user";

export function OneUserPage() {
  const { t } = useLingui();
  const { owner } = useParams({ from: "/signed-in/admin/users/$owner" });
  const person = useQuery(personQuery(owner));
  return (
    <Page
      title={person.data?.name ?? owner}
      lead={person.data?.name && <code>{owner}</code>}
      actions={person.data && <DisableUser person={person.data} />}
    >
      {person.isPending && <Slow />}
      {person.error && <ProblemAlert error={person.error} retry={() => void person.refetch()} />}
      {person.data && <Profile person={person.data} />}
      {person.data && (
        <>
          <Section title={t`Keys`}>
            <KeysOfUser owner={owner} />
          </Section>
          <Section title={t`Where they are signed in`}>
            <SessionsOfUser owner={owner} />
          </Section>
        </>
      )}
    </Page>
  );
}

function Profile({ person }: { person: Person }) {
  const { t } = useLingui();
  return (
    <Section title={t`Profile`}>
      <Facts
        facts={[
          [t`Status`, <PersonMarks key="status" person={person} />],
          [t`Mail`, person.email],
          [t`Groups`, person.groups.join(", ")],
          [
            t`Last seen`,
            person.seen_at ? <RelativeTime key="seen" at={person.seen_at} /> : t`never`,
          ],
        ]}
      />
      <Group gap="xs">
        <LinkButton
          to="/admin/events"
          search={{ owner: person.owner }}
          variant="default"
          size="xs"
          leftSection={<Icon name="list" />}
        >
          <Trans>What happened to them</Trans>
        </LinkButton>
        <LinkButton
          to="/admin/explain"
          search={{ owner: person.owner }}
          variant="default"
          size="xs"
          leftSection={<Icon name="shield" />}
        >
          <Trans>Would this pass?</Trans>
        </LinkButton>
      </Group>
    </Section>
  );
}
