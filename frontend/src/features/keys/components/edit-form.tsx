import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Token } from "../../../api/contract";
import { ProblemAlert } from "../../../components/problem-alert";
import { useToast } from "../../../components/toasts";
import { dateInput } from "../../../lib/dates";
import { isProblem } from "../../../lib/problem";
import { editKey } from "../api";
import { BOUNDS } from "../bounds";
import { type EditFields, editOf, startEdit } from "../edit";
import { useWhose } from "../whose";
import { BoundsFields, Tags } from "./bounds-fields";
import { useKeyChanged } from "./revoke";

/** Another name, or less than the key may now. */
export function EditForm({ token, close }: { token: Token; close: () => void }) {
  const { t } = useLingui();
  const toast = useToast();
  const changed = useKeyChanged();
  const whose = useWhose();
  const [fields, setFields] = useState(() => startEdit(token));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const change = (part: Partial<EditFields>) => setFields((before) => ({ ...before, ...part }));
  const errorOf = (...names: string[]) =>
    isProblem(error) && names.some((name) => error.field?.startsWith(name)) ? error.detail : null;
  const isShownInField = errorOf("name", "expires", "scopes", ...BOUNDS) !== null;
  const submit = async () => {
    setBusy(true);
    try {
      const edit = editOf(token, fields);
      if (Object.keys(edit).length > 0) await editKey(token.id, edit, whose);
      toast({ text: t`Saved.` });
      close();
      await changed();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Stack>
        <TextInput
          label={t`Name`}
          value={fields.name}
          maxLength={256}
          error={errorOf("name")}
          onChange={(event) => change({ name: event.currentTarget.value })}
          data-autofocus
        />
        <Text size="sm" c="dimmed">
          <Trans>
            Take away or narrow; nothing can be added. What is empty can still be bound.
          </Trans>
        </Text>
        <Tags
          label={t`Scopes`}
          description={t`Fewer, or narrower: models:read in place of models:*.`}
          value={fields.scopes}
          change={(scopes) => change({ scopes })}
          error={errorOf("scopes")}
        />
        <TextInput
          type="date"
          label={t`Last day`}
          description={t`An earlier end; leave it empty to keep the present one.`}
          value={fields.lastDay}
          min={dateInput(new Date())}
          max={token.expires_at ? dateInput(new Date(token.expires_at)) : undefined}
          error={errorOf("expires")}
          onChange={(event) => change({ lastDay: event.currentTarget.value })}
        />
        <BoundsFields value={fields} change={change} errorOf={errorOf} />
        {error !== null && !isShownInField && <ProblemAlert error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            <Trans>Cancel</Trans>
          </Button>
          <Button type="submit" loading={busy}>
            <Trans>Save</Trans>
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
