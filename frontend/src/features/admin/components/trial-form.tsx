import { Trans, useLingui } from "@lingui/react/macro";
import {
  Button,
  Code,
  Group,
  NativeSelect,
  Radio,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { useState } from "react";
import { Icon } from "../../../components/icons";
import { ProblemAlert } from "../../../components/problem-alert";
import { isProblem } from "../../../lib/problem";
import { type Asker, type TrialForm as Form, keyIdIn } from "../trial";

interface Props {
  start: Form;
  gates: string[];
  busy: boolean;
  error: unknown;
  ask: (form: Form) => void;
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const FIELDS = ["url", "address", "key_id", "owner"];

export function TrialForm({ start, gates, busy, error, ask }: Props) {
  const { t } = useLingui();
  const [form, setForm] = useState(start);
  const change = (part: Partial<Form>) => setForm((before) => ({ ...before, ...part }));
  const errorOf = (field: string) =>
    isProblem(error) && error.field === field ? error.detail : null;
  const isShownInField = isProblem(error) && FIELDS.includes(error.field ?? "");
  const isReady =
    (form.asker !== "key" || form.keyId !== "") && (form.asker !== "owner" || form.owner !== "");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) ask(form);
      }}
    >
      <Stack>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <NativeSelect
            label={t`Gate`}
            value={form.gate}
            onChange={(event) => change({ gate: event.currentTarget.value })}
            data={gates}
          />
          <NativeSelect
            label={t`Method`}
            value={form.method}
            onChange={(event) => change({ method: event.currentTarget.value })}
            data={METHODS.includes(form.method) ? METHODS : [...METHODS, form.method]}
          />
          <TextInput
            type="url"
            label={t`Address of the request`}
            description={t`Host and path, such as https://api.example.com/v1/models.`}
            value={form.url}
            onChange={(event) => change({ url: event.currentTarget.value })}
            error={errorOf("url")}
            autoComplete="off"
            spellCheck={false}
          />
          <TextInput
            label={t`Address of the client`}
            description={t`An IP address, where rules or keys ask for networks.`}
            value={form.address}
            onChange={(event) => change({ address: event.currentTarget.value.trim() })}
            error={errorOf("address")}
            autoComplete="off"
            spellCheck={false}
          />
        </SimpleGrid>
        <Radio.Group
          label={t`Whose request`}
          value={form.asker}
          onChange={(asker) => change({ asker: asker as Asker })}
        >
          <Group mt="xs">
            <Radio value="nobody" label={t`Nobody's: without a credential`} />
            <Radio value="key" label={t`That of a key`} />
            <Radio value="owner" label={t`That of somebody with a token`} />
          </Group>
        </Radio.Group>
        {form.asker === "key" && (
          <KeyField
            id={form.keyId}
            change={(keyId) => change({ keyId })}
            error={errorOf("key_id")}
          />
        )}
        {form.asker === "owner" && (
          <TextInput
            label={t`Owner`}
            description={t`As their issuer last described them. Such as corp:alice.`}
            value={form.owner}
            onChange={(event) => change({ owner: event.currentTarget.value })}
            error={errorOf("owner")}
            maw={420}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            required
          />
        )}
        {error !== null && !isShownInField && <ProblemAlert error={error} />}
        <Group>
          <Button
            type="submit"
            disabled={!isReady}
            loading={busy}
            leftSection={<Icon name="shield" />}
          >
            <Trans>Would this pass?</Trans>
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface KeyFieldProps {
  id: string;
  change: (id: string) => void;
  error: string | null;
}

/** Takes a key as it is and keeps no more than its id. */
function KeyField({ id, change, error }: KeyFieldProps) {
  const { t } = useLingui();
  const [text, setText] = useState("");
  if (id !== "") {
    const end = id.slice(-4);
    return (
      <Group gap="xs">
        <Text>
          <Trans>
            The key <Code>…{end}</Code>; of what was pasted, only its id is kept.
          </Trans>
        </Text>
        <Button size="xs" variant="default" onClick={() => change("")}>
          <Trans>Another key</Trans>
        </Button>
        {error && (
          <Text size="sm" className="gl-error" role="alert">
            {error}
          </Text>
        )}
      </Group>
    );
  }
  const isStrange = text !== "" && keyIdIn(text) === null;
  return (
    <TextInput
      type="password"
      label={t`Key`}
      description={t`Paste the key or its id. The secret in it does not leave this page.`}
      value={text}
      onChange={(event) => {
        const pasted = event.currentTarget.value;
        const found = keyIdIn(pasted);
        setText(found === null ? pasted : "");
        if (found !== null) change(found);
      }}
      error={error ?? (isStrange ? t`This does not look like a key.` : null)}
      maw={420}
      autoComplete="off"
      spellCheck={false}
      data-1p-ignore
    />
  );
}
