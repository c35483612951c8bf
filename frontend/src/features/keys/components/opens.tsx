import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { GateRule } from "../../../api/contract";
import { Icon } from "../../../components/icons";
import { gatesQuery } from "../api";
import { isOpen, type Opening, openings } from "../opens";
import { useWhose } from "../whose";

interface Props {
  scopes: string[];
  /** Of the key's owner; null where they are not known. */
  groups: string[] | null;
  /** Puts scopes on the key, where that can be done. */
  add?: (scopes: string[]) => void;
}

/** What a key with these scopes would open, and what it lacks for the rest. */
export function Opens({ scopes, groups, add }: Props) {
  const gates = useQuery(gatesQuery);
  const all = openings(gates.data ?? [], scopes, groups);
  if (all.length === 0) return null;
  return (
    <ul className="gl-plain gl-opens">
      {all.map((opening) => (
        <li key={opening.id} data-open={isOpen(opening) || undefined}>
          <Icon name={isOpen(opening) ? "check" : "cross"} size={16} />
          <div>
            <Text size="sm">
              <strong>{opening.gate}</strong> <What rule={opening.rule} />
            </Text>
            <Lacks opening={opening} add={add} />
          </div>
        </li>
      ))}
    </ul>
  );
}

/** The requests that a rule is about, where it is not about all. */
function What({ rule }: { rule: GateRule }) {
  const parts = [rule.methods, rule.hosts, rule.paths].filter((list) => list.length > 0);
  return parts.map((list) => (
    <span key={list.join()}>
      <code>{list.join(", ")}</code>{" "}
    </span>
  ));
}

function Lacks({ opening, add }: { opening: Opening; add: Props["add"] }) {
  const { t } = useLingui();
  const { owner } = useWhose();
  const scopes = opening.lacksScopes.join(", ");
  const groups = opening.lacksGroups.join(", ");
  if (isOpen(opening)) {
    return (
      <Text size="xs" c="dimmed">
        <Trans>opens</Trans>
      </Text>
    );
  }
  return (
    <Group gap="xs">
      {groups !== "" && (
        <Text size="xs" c="dimmed">
          {owner === null ? (
            <Trans>asks for a group that you are not in: {groups}</Trans>
          ) : (
            <Trans>
              asks for a group that {owner} is not in: {groups}
            </Trans>
          )}
        </Text>
      )}
      {scopes !== "" && (
        <Text size="xs" c="dimmed">
          <Trans>asks for {scopes}</Trans>
        </Text>
      )}
      {scopes !== "" && add && (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={t`Add ${scopes}`}
          onClick={() => add(opening.lacksScopes)}
        >
          <Trans>Add</Trans>
        </Button>
      )}
    </Group>
  );
}
