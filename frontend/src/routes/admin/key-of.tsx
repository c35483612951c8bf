import { Trans, useLingui } from "@lingui/react/macro";
import { Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { MintedToken, Token } from "../../api/contract";
import { Icon } from "../../components/icons";
import { LinkButton, TextLink } from "../../components/links";
import { Page } from "../../components/page";
import { ProblemAlert } from "../../components/problem-alert";
import { Facts, Section } from "../../components/section";
import { Slow } from "../../components/slow";
import { Day, RelativeTime } from "../../components/time";
import { ActingFor } from "../../features/admin/components/acting-for";
import { EventsTable } from "../../features/events/components/events-table";
import { keyEventsQuery, keyQuery, usageQuery } from "../../features/keys/api";
import { KeyActions } from "../../features/keys/components/key-actions";
import { Scopes } from "../../features/keys/components/keys-table";
import { SecretReveal } from "../../features/keys/components/secret-reveal";
import { StatusBadge } from "../../features/keys/components/status-badge";
import { UsageChart } from "../../features/keys/components/usage-chart";
import { hasEnded } from "../../features/keys/filter";
import { keysOf, useWhose, WhoseContext } from "../../features/keys/whose";
import { isProblem } from "../../lib/problem";

/** One key of somebody else. */
export function KeyOfPage() {
  const { owner, id } = useParams({ from: "/signed-in/admin/users/$owner/keys/$id" });
  return (
    <WhoseContext value={keysOf(owner)}>
      <KeyOf key={id} owner={owner} id={id} />
    </WhoseContext>
  );
}

function KeyOf({ owner, id }: { owner: string; id: string }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const key = useQuery(keyQuery(id, useWhose()));
  const [minted, setMinted] = useState<MintedToken | null>(null);
  if (minted) {
    const leave = () => {
      setMinted(null);
      const params = { owner, id: minted.id };
      void navigate({ to: "/admin/users/$owner/keys/$id", params });
    };
    return (
      <Page title={t`The key that takes its place`}>
        <ActingFor owner={owner} />
        <SecretReveal minted={minted} done={leave} />
      </Page>
    );
  }
  if (key.error) return <Missing owner={owner} id={id} error={key.error} />;
  if (!key.data) return <Slow />;
  const token = key.data;
  return (
    <Page
      title={token.name ?? t`Key without a name`}
      lead={<code>{token.display ?? token.id}</code>}
      actions={<StatusBadge token={token} />}
    >
      <ActingFor owner={owner} />
      {!hasEnded(token) && <KeyActions token={token} rotated={setMinted} />}
      <KeyFacts owner={owner} token={token} />
      {token.kind === "native" && (
        <>
          <Use id={id} />
          <History id={id} />
        </>
      )}
    </Page>
  );
}

function Missing({ owner, id, error }: { owner: string; id: string; error: unknown }) {
  const { t } = useLingui();
  const isGone = isProblem(error) && error.status === 404;
  return (
    <Page title={isGone ? t`No such key` : t`This key cannot be shown`}>
      {isGone ? (
        <Text>
          <Trans>It was revoked for good, or it never was of {owner}.</Trans>
        </Text>
      ) : (
        <ProblemAlert error={error} />
      )}
      <Group>
        <LinkButton to="/admin/keys" variant="default">
          <Trans>To all keys</Trans>
        </LinkButton>
        <LinkButton to="/admin/events" search={{ key: id }} variant="default">
          <Trans>What happened to it</Trans>
        </LinkButton>
      </Group>
    </Page>
  );
}

function KeyFacts({ owner, token }: { owner: string; token: Token }) {
  const { t } = useLingui();
  const other = (id: string | null) =>
    id && (
      <TextLink to="/admin/users/$owner/keys/$id" params={{ owner, id }}>
        {id}
      </TextLink>
    );
  return (
    <Section title={t`What it opens`}>
      <Facts
        facts={[
          [
            t`Owner`,
            <TextLink key="owner" to="/admin/users/$owner" params={{ owner }}>
              {owner}
            </TextLink>,
          ],
          [t`Scopes`, <Scopes key="scopes" scopes={token.scopes} />],
          [t`Networks`, token.networks?.join(", ") || t`from anywhere`],
          [t`Hosts`, token.hosts?.join(", ")],
          [t`Paths`, token.paths?.join(", ")],
          [t`Methods`, token.methods?.join(", ")],
          [t`Created`, <Day key="created" at={token.created_at} />],
          [t`Created by`, token.created_by],
          [t`Ends`, token.expires_at ? <Day key="ends" at={token.expires_at} /> : t`never`],
          [
            t`Last used`,
            token.last_used_at ? <RelativeTime key="used" at={token.last_used_at} /> : t`never`,
          ],
          [t`Took the place of`, other(token.rotated_from)],
          [t`Replaced by`, other(token.rotated_to)],
          [
            t`Still works until`,
            token.grace_until && <RelativeTime key="grace" at={token.grace_until} />,
          ],
        ]}
      />
      <Group>
        <LinkButton
          to="/admin/explain"
          search={{ key: token.id }}
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

function Use({ id }: { id: string }) {
  const { t } = useLingui();
  const usage = useQuery(usageQuery(id, useWhose()));
  return (
    <Section title={t`Use`}>
      {usage.isPending && <Slow />}
      {usage.error && <ProblemAlert error={usage.error} retry={() => void usage.refetch()} />}
      {usage.data && <UsageChart usage={usage.data} />}
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
  const events = useQuery(keyEventsQuery(id, useWhose()));
  return (
    <Section title={t`History`}>
      {events.isPending && <Slow />}
      {events.error && <ProblemAlert error={events.error} retry={() => void events.refetch()} />}
      {events.data && <EventsTable events={events.data} label={t`History`} />}
    </Section>
  );
}
