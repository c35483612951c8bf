import { Trans, useLingui } from "@lingui/react/macro";
import { Checkbox, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Gate, ScopeOffer } from "../../../api/contract";
import { gatesQuery, scopesQuery } from "../api";
import { covers } from "../opens";
import { Tags } from "./bounds-fields";

interface Props {
  value: string[];
  onChange: (scopes: string[]) => void;
  error?: string | null;
}

/**
 * The scopes that one may hand on, each with what it opens. Where the operator
 * lists none, or one has a wish beyond the list, they are typed.
 */
export function ScopePicker({ value, onChange, error }: Props) {
  const { t } = useLingui();
  const scopes = useQuery(scopesQuery);
  const gates = useQuery(gatesQuery);
  const offered = (scopes.data ?? []).filter(({ grantable }) => grantable);
  const names = new Set(offered.map(({ name }) => name));
  const listed = value.filter((scope) => names.has(scope));
  const typed = value.filter((scope) => !names.has(scope));
  return (
    <Stack gap="xs">
      {offered.length > 0 && (
        <Checkbox.Group
          label={t`Scopes`}
          description={t`What the key may do. It never may more than you.`}
          value={listed}
          onChange={(chosen) => onChange([...chosen, ...typed])}
        >
          <Stack gap="xs" mt="xs">
            {offered.map((scope) => (
              <Checkbox
                key={scope.name}
                value={scope.name}
                label={<code>{scope.name}</code>}
                description={<Opens scope={scope} gates={gates.data ?? []} />}
              />
            ))}
          </Stack>
        </Checkbox.Group>
      )}
      <Tags
        label={offered.length > 0 ? t`Further scopes` : t`Scopes`}
        description={t`Press Enter after each, such as models:read.`}
        value={typed}
        change={(written) => onChange([...listed, ...written])}
        error={error ?? null}
      />
    </Stack>
  );
}

function Opens({ scope, gates }: { scope: ScopeOffer; gates: Gate[] }) {
  const opened = gates.filter((gate) => asksFor(gate, scope.name)).map(({ name }) => name);
  const names = opened.join(", ");
  return (
    <>
      {scope.description}
      {opened.length > 0 && (
        <Text span size="xs" display="block">
          <Trans>Asked for at: {names}</Trans>
        </Text>
      )}
    </>
  );
}

function asksFor(gate: Gate, scope: string): boolean {
  return gate.rules.some((rule) =>
    [...rule.scopes, ...rule.any_scopes].some((asked) => covers(scope, asked)),
  );
}
