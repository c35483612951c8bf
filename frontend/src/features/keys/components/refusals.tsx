import { Trans, useLingui } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import type { Usage } from "../../../api/contract";

/** Why the key was refused in the last two days, most often first. */
export function Refusals({ usage }: { usage: Usage }) {
  const { i18n } = useLingui();
  const words = useReasonWords();
  const counts = countByReason(usage);
  if (counts.length === 0) return null;
  const number = new Intl.NumberFormat(i18n.locale);
  return (
    <div>
      <Text fw={600}>
        <Trans>Why it was refused in the last 48 hours</Trans>
      </Text>
      <ul className="gl-list">
        {counts.map(([reason, count]) => (
          <li key={reason}>
            {words[reason] ?? <code>{reason}</code>}: {number.format(count)}
          </li>
        ))}
      </ul>
    </div>
  );
}

export function countByReason({ hours }: Usage): [string, number][] {
  const counts = new Map<string, number>();
  for (const { refused } of hours) {
    for (const [reason, count] of Object.entries(refused)) {
      counts.set(reason, (counts.get(reason) ?? 0) + count);
    }
  }
  return [...counts].sort(([, one], [, other]) => other - one);
}

/** What the reasons of the log mean to whoever holds the key. */
function useReasonWords(): Record<string, string> {
  const { t } = useLingui();
  return {
    key_expired: t`it had ended`,
    key_disabled: t`it was disabled`,
    key_superseded: t`another key had taken its place`,
    owner_disabled: t`its owner was disabled`,
    credential_kind: t`the gate takes no keys`,
    missing_scope: t`it lacks a scope`,
    missing_group: t`its owner lacks a group`,
    key_bounds: t`it is bound to other hosts, paths, methods or networks`,
    no_rule: t`no rule of the gate matches the request`,
    nobody: t`the gate lets nobody pass there`,
    unknown_gate: t`there is no such gate`,
    credential_conflict: t`another key was sent with it`,
  };
}
