import { Trans, useLingui } from "@lingui/react/macro";
import { Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { GateRule } from "../../../api/contract";
import { Facts } from "../../../components/section";

function Words({ words }: { words: string[] }) {
  return (
    <>
      {words.map((word, place) => (
        <span key={word}>
          {place > 0 && ", "}
          <code>{word}</code>
        </span>
      ))}
    </>
  );
}

/** What a rule is about and what it asks for, as sentences rather than settings. */
export function RuleText({ rule, isQuiet }: { rule: GateRule; isQuiet?: boolean }) {
  const { t } = useLingui();
  const list = (words: string[]): ReactNode => words.length > 0 && <Words words={words} />;
  const asks = rule.allow === "authenticated";
  const isAboutAll =
    rule.hosts.length + rule.paths.length + rule.methods.length + rule.networks.length === 0;
  return (
    <Stack gap="xs">
      <Text fw={isQuiet ? undefined : 600}>
        <Admits allow={rule.allow} />
      </Text>
      <Facts
        facts={[
          [t`About`, isAboutAll && t`every request`],
          [t`Hosts`, list(rule.hosts)],
          [t`Paths`, list(rule.paths)],
          [t`Methods`, list(rule.methods)],
          [t`Networks`, list(rule.networks)],
          [t`Takes`, asks && <Credentials kinds={rule.credentials} />],
          [t`All of these scopes`, asks && list(rule.scopes)],
          [t`One of these scopes`, asks && list(rule.any_scopes)],
          [t`In all of these groups`, asks && list(rule.groups)],
          [t`In one of these groups`, asks && list(rule.any_groups)],
        ]}
      />
    </Stack>
  );
}

function Admits({ allow }: { allow: string }) {
  switch (allow) {
    case "anyone":
      return <Trans>Everybody passes, with or without a key</Trans>;
    case "nobody":
      return <Trans>Nobody passes</Trans>;
    default:
      return <Trans>Whoever proves who they are passes, with what is asked for here</Trans>;
  }
}

export function Credentials({ kinds }: { kinds: string[] }) {
  const { t } = useLingui();
  const names: Record<string, string> = {
    api_key: t`API keys`,
    jwt: t`tokens of issuers`,
    session: t`browsers that are signed in`,
  };
  if (kinds.length === 0) return <Trans>nothing</Trans>;
  return <>{kinds.map((kind) => names[kind] ?? kind).join(", ")}</>;
}
