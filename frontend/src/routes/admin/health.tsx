import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Alert, Button, Group, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { IssuerHealth, ServiceHealth } from "../../api/contract";
import { Icon } from "../../components/icons";
import { Page } from "../../components/page";
import { ProblemAlert } from "../../components/problem-alert";
import { Facts, Section } from "../../components/section";
import { Slow } from "../../components/slow";
import { RelativeTime } from "../../components/time";
import { healthQuery } from "../../features/admin/api";
import { type Mark, MarkBadge } from "../../features/admin/components/badges";
import { duration } from "../../lib/dates";

export function HealthPage() {
  const { t } = useLingui();
  const health = useQuery(healthQuery);
  return (
    <Page
      title={t`Health`}
      lead={t`As the process sees it that answered; others may see it differently.`}
      actions={
        <Button
          variant="default"
          leftSection={<Icon name="rotate" />}
          loading={health.isFetching}
          onClick={() => void health.refetch()}
        >
          <Trans>Look again</Trans>
        </Button>
      }
    >
      {health.isPending && <Slow />}
      {health.error && <ProblemAlert error={health.error} retry={() => void health.refetch()} />}
      {health.data && <Report health={health.data} />}
    </Page>
  );
}

function Report({ health }: { health: ServiceHealth }) {
  const { t, i18n } = useLingui();
  const partNames = usePartNames();
  return (
    <>
      <Section title={t`Service`}>
        <Facts
          facts={[
            [t`Decides`, <StatusMark key="ready" status={health.ready ? "ok" : "down"} />],
            [t`Version`, health.version],
            [t`Running for`, duration(i18n.locale, health.running_seconds)],
            ...health.parts.map((part): [string, ReactNode] => [
              partNames[part.name] ?? part.name,
              <Stated key={part.name} status={part.status} detail={part.detail} />,
            ]),
          ]}
        />
      </Section>
      <Section title={t`Store`}>
        <Store store={health.store} />
      </Section>
      <Section title={t`Issuers`}>
        {health.issuers.length === 0 ? (
          <Text c="dimmed">
            <Trans>None is configured: only API keys open gates.</Trans>
          </Text>
        ) : (
          <Stack gap="lg">
            {health.issuers.map((issuer) => (
              <Issuer key={issuer.issuer} issuer={issuer} />
            ))}
          </Stack>
        )}
      </Section>
      <Section title={t`Salts`}>
        <Salts health={health} />
      </Section>
    </>
  );
}

function usePartNames(): Record<string, string> {
  const { t } = useLingui();
  return { store: t`Store`, clock: t`Clock`, salts: t`Salts`, server: t`Server` };
}

function StatusMark({ status }: { status: string }) {
  const { t } = useLingui();
  const marks: Record<string, Mark> = {
    ok: { label: t`Well`, icon: "check", color: "green" },
    degraded: { label: t`Impaired`, icon: "alert", color: "yellow" },
    down: { label: t`Down`, icon: "cross", color: "red" },
  };
  return <MarkBadge {...(marks[status] ?? { label: status, icon: "alert", color: "gray" })} />;
}

function Stated({ status, detail }: { status: string; detail: string | null }) {
  return (
    <Group gap="xs">
      <StatusMark status={status} />
      {detail && <span lang="en">{detail}</span>}
    </Group>
  );
}

function Store({ store }: { store: ServiceHealth["store"] }) {
  const { t } = useLingui();
  return (
    <Stack gap="xs">
      {store.description && <Text lang="en">{store.description}</Text>}
      {store.error && (
        <Alert color="red" icon={<Icon name="alert" />} title={t`The store cannot be asked`}>
          <span lang="en">{store.error}</span>
        </Alert>
      )}
      {store.warnings.length > 0 && (
        <Alert color="yellow" icon={<Icon name="alert" />} title={t`Worth a change`}>
          <Lines lines={store.warnings} />
        </Alert>
      )}
      {store.fine.length > 0 && <Lines lines={store.fine} />}
    </Stack>
  );
}

function Lines({ lines }: { lines: string[] }) {
  return (
    <ul className="gl-list" lang="en">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

function Issuer({ issuer }: { issuer: IssuerHealth }) {
  const { t, i18n } = useLingui();
  return (
    <div>
      <Text fw={600} mb="xs">
        {issuer.issuer}
      </Text>
      <Facts
        facts={[
          [t`Status`, <Stated key="status" status={issuer.status} detail={issuer.detail} />],
          [t`Realm`, issuer.realm],
          [t`Usable keys`, String(issuer.usable_keys)],
          [
            t`Keys fetched`,
            issuer.keys_age_seconds !== null &&
              t`${duration(i18n.locale, issuer.keys_age_seconds)} ago`,
          ],
          [t`Down since`, issuer.down_since && <RelativeTime key="since" at={issuer.down_since} />],
          [t`Last error`, issuer.last_error && <span lang="en">{issuer.last_error}</span>],
          [t`Warnings`, issuer.warnings.length > 0 && <Lines lines={issuer.warnings} />],
        ]}
      />
    </div>
  );
}

function Salts({ health }: { health: ServiceHealth }) {
  const { t, i18n } = useLingui();
  const number = new Intl.NumberFormat(i18n.locale);
  return (
    <Stack>
      {health.untrusted_keys > 0 && (
        <Alert color="red" icon={<Icon name="alert" />} title={t`Keys that cannot be trusted`}>
          <Plural
            value={health.untrusted_keys}
            one="# key was changed by somebody, or lies under a salt that is not accepted. It opens nothing."
            other="# keys were changed by somebody, or lie under a salt that is not accepted. They open nothing."
          />
        </Alert>
      )}
      <Table className="gl-table" aria-label={t`Salts`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>
              <Trans>Salt</Trans>
            </Table.Th>
            <Table.Th>
              <Trans>Role</Trans>
            </Table.Th>
            <Table.Th>
              <Trans>Keys under it</Trans>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {health.salts.map((salt) => (
            <Table.Tr key={salt.id}>
              <Table.Td data-label={t`Salt`}>
                <code>{salt.id}</code>
              </Table.Td>
              <Table.Td data-label={t`Role`}>
                <SaltRole salt={salt} />
              </Table.Td>
              <Table.Td data-label={t`Keys under it`}>{number.format(salt.keys)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {!health.complete && (
        <Text size="sm" c="dimmed">
          <Trans>Not all keys were counted: there are more than stand here.</Trans>
        </Text>
      )}
    </Stack>
  );
}

function SaltRole({ salt }: { salt: ServiceHealth["salts"][number] }) {
  if (salt.active) return <Trans>Active: new keys are put under it</Trans>;
  if (!salt.accepted) return <Trans>Not accepted: keys under it are refused</Trans>;
  return salt.keys === 0 ? (
    <Trans>Accepted, and no longer needed by keys of this service</Trans>
  ) : (
    <Trans>Accepted: keys under it move when they are used</Trans>
  );
}
