import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Gate } from "../../api/contract";
import { Icon } from "../../components/icons";
import { LinkButton } from "../../components/links";
import { Page } from "../../components/page";
import { ProblemAlert } from "../../components/problem-alert";
import { Slow } from "../../components/slow";
import { RuleText } from "../../features/admin/components/rule-text";
import { gatesQuery } from "../../features/keys/api";

export function GatesPage() {
  const { t } = useLingui();
  const gates = useQuery(gatesQuery);
  return (
    <Page
      title={t`Gates`}
      lead={t`What proxies ask, and which rule answers: the first that is about the request.`}
    >
      {gates.isPending && <Slow />}
      {gates.error && <ProblemAlert error={gates.error} retry={() => void gates.refetch()} />}
      {gates.data?.length === 0 && (
        <Text c="dimmed">
          <Trans>There is no gate. Settings of the service make them.</Trans>
        </Text>
      )}
      {gates.data?.map((gate) => (
        <OneGate key={gate.name} gate={gate} />
      ))}
    </Page>
  );
}

function OneGate({ gate }: { gate: Gate }) {
  const path = gate.name === "default" ? "/forward-auth" : `/forward-auth/${gate.name}`;
  return (
    <Paper withBorder p="lg" component="section">
      <Stack>
        <Group justify="space-between" align="flex-start">
          <div>
            <Title order={2} size="h4">
              {gate.name}
            </Title>
            <Text size="sm" c="dimmed">
              <code>{path}</code> ·{" "}
              <Plural value={gate.rules.length} one="# rule" other="# rules" />
            </Text>
          </div>
          <LinkButton
            to="/admin/explain"
            search={{ gate: gate.name }}
            variant="default"
            size="xs"
            leftSection={<Icon name="shield" />}
          >
            <Trans>Would this pass?</Trans>
          </LinkButton>
        </Group>
        <ol className="gl-steps gl-rules">
          {gate.rules.map((rule, place) => (
            // Rules have no names: their place is what they are.
            // biome-ignore lint/suspicious/noArrayIndexKey: a gate is replaced as a whole
            <li key={place}>
              <RuleText rule={rule} />
            </li>
          ))}
        </ol>
        <Text size="sm" c="dimmed">
          <Trans>Where no rule is about a request, it does not pass.</Trans>
        </Text>
      </Stack>
    </Paper>
  );
}
