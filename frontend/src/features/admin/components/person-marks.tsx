import { useLingui } from "@lingui/react/macro";
import { Group } from "@mantine/core";
import type { Person } from "../../../api/contract";
import { MarkBadge } from "./badges";

/** Whether somebody is let in, and what they may. */
export function PersonMarks({ person }: { person: Person }) {
  const { t } = useLingui();
  return (
    <Group gap={6}>
      {person.disabled ? (
        <MarkBadge label={t`Kept out`} icon="pause" color="red" />
      ) : (
        <MarkBadge label={t`Let in`} icon="check" color="green" />
      )}
      {person.admin && <MarkBadge label={t`Administrator`} icon="shield" color="yellow" />}
    </Group>
  );
}
