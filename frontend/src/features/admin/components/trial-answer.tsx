// What would become of a request: the answer, how each rule came to it, and
// what the upstream would be told.

import { Trans, useLingui } from "@lingui/react/macro";
import { Code, Group, Stack, Table, Text } from "@mantine/core";
import type { Explanation, Gate, RuleTrial } from "../../../api/contract";
import { Icon, type IconName } from "../../../components/icons";
import { Section } from "../../../components/section";
import { type Mark, MarkBadge } from "./badges";
import { RuleText } from "./rule-text";

interface Props {
  gate: Gate | undefined;
  answer: Explanation;
}

export function TrialAnswer({ gate, answer }: Props) {
  const { t } = useLingui();
  return (
    <Stack gap="lg" aria-live="polite">
      <Section title={t`Answer`}>
        <Outcome answer={answer} />
      </Section>
      {answer.rules.length > 0 && (
        <Section title={t`Rule by rule`}>
          <ol className="gl-steps gl-rules">
            {answer.rules.map((trial, place) => {
              const rule = gate?.rules[place];
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: a rule is its place
                <li key={place} data-quiet={trial.result === "not_reached" || undefined}>
                  <Stack gap="xs">
                    <TrialText trial={trial} passes={answer.reason === null} />
                    {rule && <RuleText rule={rule} isQuiet />}
                  </Stack>
                </li>
              );
            })}
          </ol>
        </Section>
      )}
      {answer.headers.length > 0 && (
        <Section title={t`What the upstream would be told`}>
          <Headers headers={answer.headers} />
        </Section>
      )}
    </Stack>
  );
}

function Outcome({ answer }: { answer: Explanation }) {
  const { t } = useLingui();
  const marks: Record<string, Mark> = {
    allow: { label: t`It would pass`, icon: "check", color: "green" },
    challenge: { label: t`Refused with 401: prove who you are`, icon: "cross", color: "red" },
    forbid: { label: t`Refused with 403: that is not enough`, icon: "cross", color: "red" },
    malformed: { label: t`Refused with 400: it contradicts itself`, icon: "cross", color: "red" },
    unavailable: { label: t`503: nothing can be decided now`, icon: "alert", color: "yellow" },
  };
  const mark = marks[answer.outcome];
  const wanted = answer.wanted_scopes.join(" ");
  return (
    <Stack gap="xs">
      <Group>{mark && <MarkBadge {...mark} />}</Group>
      {answer.reason !== null && (
        <>
          <Text lang="en">{answer.text}</Text>
          <Text size="sm" c="dimmed">
            <Trans>
              In the log: <Code>{answer.reason}</Code>
            </Trans>
          </Text>
        </>
      )}
      {wanted !== "" && (
        <Text size="sm">
          <Trans>
            Scopes that would be enough: <Code>{wanted}</Code>
          </Trans>
        </Text>
      )}
    </Stack>
  );
}

function TrialText({ trial, passes }: { trial: RuleTrial; passes: boolean }) {
  const { t } = useLingui();
  const facts: Record<string, string> = {
    network: t`Passed over: the client is in none of its networks`,
    host: t`Passed over: it is about other hosts`,
    method: t`Passed over: it is about other methods`,
    path: t`Passed over: it is about other paths`,
  };
  const text = (): [IconName, string] => {
    switch (trial.result) {
      case "misses":
        return ["circle", facts[trial.fact ?? ""] ?? t`Passed over: it is about other requests`];
      case "unknown":
        return ["alert", t`It needs what is not known of this request, so the search ends here`];
      case "decides":
        return passes
          ? ["check", t`It is about this request, and lets it pass`]
          : ["cross", t`It is about this request, and refuses it`];
      default:
        return ["dots", t`Not asked any more`];
    }
  };
  const [icon, words] = text();
  return (
    <Group
      gap="xs"
      wrap="nowrap"
      align="flex-start"
      className="gl-trial"
      data-result={trial.result}
    >
      <Icon name={icon} />
      <Text fw={600}>
        {words}
        {trial.reason && (
          <>
            {" "}
            <Code>{trial.reason}</Code>
          </>
        )}
      </Text>
    </Group>
  );
}

function Headers({ headers }: { headers: Explanation["headers"] }) {
  const { t } = useLingui();
  return (
    <Table className="gl-table" aria-label={t`What the upstream would be told`}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>
            <Trans>Header</Trans>
          </Table.Th>
          <Table.Th>
            <Trans>Value</Trans>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {headers.map(({ name, value }) => (
          <Table.Tr key={name}>
            <Table.Td data-label={t`Header`}>
              <code>{name}</code>
            </Table.Td>
            <Table.Td data-label={t`Value`}>
              {value === "" ? (
                <Text size="sm" c="dimmed">
                  <Trans>empty</Trans>
                </Text>
              ) : (
                <code>{value}</code>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
