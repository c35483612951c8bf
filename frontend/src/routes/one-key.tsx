import { Trans, useLingui } from "@lingui/react/macro";
import { Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useRouteContext } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { MintedToken, Token } from "../api/contract";
import { LinkButton, TextLink } from "../components/links";
import { Page } from "../components/page";
import { ProblemAlert } from "../components/problem-alert";
import { Slow } from "../components/slow";
import { Day, RelativeTime } from "../components/time";
import { EventsTable } from "../features/events/components/events-table";
import { keyEventsQuery, keyQuery, usageQuery } from "../features/keys/api";
import { KeyActions } from "../features/keys/components/key-actions";
import { Scopes } from "../features/keys/components/keys-table";
import { LastUsed } from "../features/keys/components/last-used";
import { Opens } from "../features/keys/components/opens";
import { Refusals } from "../features/keys/components/refusals";
import { SecretReveal } from "../features/keys/components/secret-reveal";
import { StatusBadge } from "../features/keys/components/status-badge";
import { UsageChart } from "../features/keys/components/usage-chart";
import { hasEnded } from "../features/keys/filter";
import { isProblem } from "../lib/problem";

export function OneKeyPage() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { id } = useParams({ from: "/signed-in/keys/$id" });
  const key = useQuery(keyQuery(id));
  const [minted, setMinted] = useState<MintedToken | null>(null);
  if (minted) {
    const leave = () => {
      setMinted(null);
      void navigate({ to: "/keys/$id", params: { id: minted.id } });
    };
    return (
      <Page title={t`The key that takes its place`}>
        <SecretReveal minted={minted} done={leave} />
      </Page>
    );
  }
  if (key.error) return <Missing error={key.error} retry={() => void key.refetch()} />;
  if (!key.data) return <Slow />;
  const token = key.data;
  return (
    <Page
      title={token.name ?? t`Key without a name`}
      lead={<code>{token.display ?? token.id}</code>}
      actions={<StatusBadge token={token} />}
    >
      {!hasEnded(token) && <KeyActions token={token} rotated={setMinted} />}
      <Facts token={token} />
      {token.kind === "native" && (
        <>
          <Use id={id} />
          <History id={id} />
        </>
      )}
    </Page>
  );
}

function Missing({ error, retry }: { error: unknown; retry: () => void }) {
  const { t } = useLingui();
  const isGone = isProblem(error) && error.status === 404;
  return (
    <Page title={isGone ? t`No such key` : t`This key cannot be shown`}>
      {isGone ? (
        <Text>
          <Trans>It was revoked, or it never was yours.</Trans>
        </Text>
      ) : (
        <ProblemAlert error={error} retry={retry} />
      )}
      <Group>
        <LinkButton to="/keys" variant="default">
          <Trans>To my keys</Trans>
        </LinkButton>
      </Group>
    </Page>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper withBorder p="lg" component="section">
      <Stack>
        <Title order={2} size="h4">
          {title}
        </Title>
        {children}
      </Stack>
    </Paper>
  );
}

function Facts({ token }: { token: Token }) {
  const { t } = useLingui();
  const { me } = useRouteContext({ from: "/signed-in" });
  const facts: [string, ReactNode][] = [
    [t`Scopes`, <Scopes key="scopes" scopes={token.scopes} />],
    [t`Gates`, <Opens key="opens" scopes={token.scopes} groups={me.groups} />],
    [t`Networks`, token.networks?.join(", ") || t`from anywhere`],
    [t`Hosts`, token.hosts?.join(", ")],
    [t`Paths`, token.paths?.join(", ")],
    [t`Methods`, token.methods?.join(", ")],
    [t`Created`, <Day key="created" at={token.created_at} />],
    [t`Created by`, token.created_by],
    [t`Ends`, token.expires_at ? <Day key="ends" at={token.expires_at} /> : t`never`],
    [t`Last used`, <LastUsed key="used" token={token} />],
    [t`Took the place of`, token.rotated_from && <KeyLink key="from" id={token.rotated_from} />],
    [t`Replaced by`, token.rotated_to && <KeyLink key="to" id={token.rotated_to} />],
    [
      t`Still works until`,
      token.grace_until && <RelativeTime key="grace" at={token.grace_until} />,
    ],
  ];
  return (
    <Section title={t`What it opens`}>
      <dl className="gl-facts">
        {facts
          .filter(([, value]) => Boolean(value))
          .map(([term, value]) => (
            <div key={term}>
              <dt>{term}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </Section>
  );
}

function KeyLink({ id }: { id: string }) {
  return (
    <TextLink to="/keys/$id" params={{ id }}>
      {id}
    </TextLink>
  );
}

function Use({ id }: { id: string }) {
  const { t } = useLingui();
  const usage = useQuery(usageQuery(id));
  return (
    <Section title={t`Use`}>
      {usage.isPending && <Slow />}
      {usage.error && <ProblemAlert error={usage.error} retry={() => void usage.refetch()} />}
      {usage.data && <UsageChart usage={usage.data} />}
      {usage.data && <Refusals usage={usage.data} />}
      {usage.data && usage.data.networks.length > 0 && (
        <div>
          <Text fw={600}>
            <Trans>Networks seen</Trans>
          </Text>
          <ul className="gl-list">
            {usage.data.networks.map((seen) => (
              <li key={seen.network}>
                <code>{seen.network}</code> · <RelativeTime at={seen.last_seen_at} />
              </li>
            ))}
          </ul>
        </div>
      )}
    </Section>
  );
}

function History({ id }: { id: string }) {
  const { t } = useLingui();
  const events = useQuery(keyEventsQuery(id));
  return (
    <Section title={t`History`}>
      {events.isPending && <Slow />}
      {events.error && <ProblemAlert error={events.error} retry={() => void events.refetch()} />}
      {events.data && <EventsTable events={events.data} label={t`History`} />}
    </Section>
  );
}
