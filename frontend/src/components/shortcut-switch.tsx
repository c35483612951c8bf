import { useLingui } from "@lingui/react/macro";
import { Checkbox } from "@mantine/core";
import { switchShortcuts, useShortcutsOn } from "../lib/shortcuts";

export function ShortcutSwitch() {
  const { t } = useLingui();
  return (
    <Checkbox
      label={t`Use keyboard shortcuts`}
      description={t`They rest while you write. The account page switches them on again.`}
      checked={useShortcutsOn()}
      onChange={(event) => switchShortcuts(event.currentTarget.checked)}
    />
  );
}
