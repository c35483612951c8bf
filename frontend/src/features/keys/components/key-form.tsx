import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Chip, Fieldset, Group, NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Limits, MintedToken, Token } from "../../../api/contract";
import { CopyButton } from "../../../components/copy-button";
import { Icon } from "../../../components/icons";
import { ProblemAlert } from "../../../components/problem-alert";
import { addDays, dateInput, moment } from "../../../lib/dates";
import { shortKey } from "../../../lib/mask";
import { isProblem } from "../../../lib/problem";
import { useNow } from "../../../lib/use-now";
import { mintKey } from "../api";
import { BOUNDS } from "../bounds";
import {
  curlPreview,
  type DraftForm,
  draftOf,
  likeKey,
  linkTo,
  presets,
  resultingEnd,
} from "../draft";
import { useWhose } from "../whose";
import { BoundsFields } from "./bounds-fields";
import { Opens } from "./opens";
import { useKeyChanged } from "./revoke";
import { ScopePicker } from "./scope-picker";

interface Props {
  limits: Limits;
  start: DraftForm;
  /** Of whoever the key will belong to, where they are known. */
  groups?: string[];
  /** The keys whose rights can be copied. */
  others?: Token[];
  minted: (token: MintedToken) => void;
}

export function KeyForm({ limits, start, groups, others, minted }: Props) {
  const { t } = useLingui();
  const changed = useKeyChanged();
  const whose = useWhose();
  const now = useNow();
  const [form, setForm] = useState(start);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  // The same for every try of this form: a lost answer makes no second key.
  const [attempt, setAttempt] = useState(() => crypto.randomUUID());
  const change = (part: Partial<DraftForm>) => {
    setForm((before) => ({ ...before, ...part }));
    setAttempt(crypto.randomUUID());
    setError(null);
  };
  const field = isProblem(error) ? error.field : null;
  const detail = isProblem(error) ? error.detail : null;
  const errorOf = (...names: string[]) =>
    field !== null && names.some((name) => field.startsWith(name)) ? detail : null;
  const isShownInField = errorOf("name", "expires", "scopes", ...BOUNDS) !== null;
  const lacksDate = resultingEnd(form, now) === undefined;

  const submit = async () => {
    setBusy(true);
    setError(null);
    try {
      const token = await mintKey(draftOf(form, new Date()), attempt, whose);
      minted(token);
      void changed();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!lacksDate) void submit();
      }}
    >
      <Stack gap="lg" maw={720}>
        <TextInput
          label={t`Name`}
          description={t`After what will use it, such as “build server”.`}
          value={form.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
          error={errorOf("name")}
          maxLength={256}
          required
          data-autofocus
          autoFocus
          autoComplete="off"
        />
        <CopyFrom others={others ?? []} copy={(other) => change(likeKey(form, other))} />
        <Expiry form={form} limits={limits} now={now} change={change} error={errorOf("expires")} />
        <ScopePicker
          value={form.scopes}
          onChange={(scopes) => change({ scopes })}
          error={errorOf("scopes")}
        />
        <Fieldset legend={t`What it opens`}>
          <Opens
            scopes={form.scopes}
            groups={groups ?? null}
            add={(scopes) => change({ scopes: [...form.scopes, ...scopes] })}
          />
        </Fieldset>
        <BoundsFields value={form} change={change} errorOf={errorOf} />
        {error !== null && !isShownInField && <ProblemAlert error={error} />}
        <Group>
          <Button type="submit" loading={busy} leftSection={<Icon name="key" />}>
            <Trans>Create the key</Trans>
          </Button>
        </Group>
        <Preview form={form} now={now} />
      </Stack>
    </form>
  );
}

/** Takes over another key's rights; what was written as its name stays. */
function CopyFrom({ others, copy }: { others: Token[]; copy: (other: Token) => void }) {
  const { t } = useLingui();
  if (others.length === 0) return null;
  const nameOf = (other: Token) => `${other.name ?? t`Without a name`} (${shortKey(other)})`;
  return (
    <NativeSelect
      label={t`With the rights of an existing key`}
      defaultValue=""
      onChange={(event) => {
        const chosen = others.find(({ id }) => id === event.currentTarget.value);
        if (chosen) copy(chosen);
      }}
      data={[
        { value: "", label: t`none: chosen below` },
        ...others.map((other) => ({ value: other.id, label: nameOf(other) })),
      ]}
    />
  );
}

function Expiry({
  form,
  limits,
  now,
  change,
  error,
}: {
  form: DraftForm;
  limits: Limits;
  now: Date;
  change: (part: Partial<DraftForm>) => void;
  error: string | null;
}) {
  const { t, i18n } = useLingui();
  const max = limits.expiry_max_days;
  const end = resultingEnd(form, now);
  const until = end ? moment(i18n.locale, end) : "";
  return (
    <Fieldset legend={t`Ends`} variant="unstyled">
      <Stack gap="xs">
        <Chip.Group
          value={form.expiry}
          onChange={(expiry) => change({ expiry: expiry as DraftForm["expiry"] })}
        >
          <Group gap="xs">
            {presets(limits).map((days) => (
              <Chip key={days} value={`${days}`}>
                {days === 365 ? t`1 year` : t`${days} days`}
              </Chip>
            ))}
            <Chip value="date">
              <Trans>On a date</Trans>
            </Chip>
            {max === null && (
              <Chip value="never">
                <Trans>Never</Trans>
              </Chip>
            )}
          </Group>
        </Chip.Group>
        {form.expiry === "date" && (
          <TextInput
            type="date"
            label={t`Last day`}
            value={form.date}
            min={dateInput(now)}
            max={max === null ? undefined : dateInput(addDays(now, max - 1))}
            onChange={(event) => change({ date: event.currentTarget.value })}
            required
            w={220}
          />
        )}
        {error && (
          <Text size="sm" className="gl-error" role="alert">
            {error}
          </Text>
        )}
        <Text size="sm" c="dimmed" aria-live="polite">
          {end === null && <Trans>It works until somebody revokes it.</Trans>}
          {end && <Trans>It works until {until}.</Trans>}
        </Text>
      </Stack>
    </Fieldset>
  );
}

function Preview({ form, now }: { form: DraftForm; now: Date }) {
  const { t } = useLingui();
  const { path, owner } = useWhose();
  const command = curlPreview(window.location.origin, draftOf(form, now), path);
  return (
    <details>
      <summary>
        <Trans>The same as a command</Trans>
      </summary>
      <Stack gap="xs" mt="sm">
        <pre className="gl-code">{command}</pre>
        <Group>
          <CopyButton size="xs" text={command} done={t`The command is on the clipboard.`} />
          {owner === null && (
            <CopyButton
              size="xs"
              text={linkTo(window.location.origin, form)}
              label={t`Copy a link to this form`}
              done={t`The link is on the clipboard.`}
            />
          )}
        </Group>
      </Stack>
    </details>
  );
}
