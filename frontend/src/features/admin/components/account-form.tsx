// A new account, or what is to change of one.

import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Checkbox, Group, Stack, TagsInput, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Account, OneTimeLink } from "../../../api/contract";
import { ProblemAlert } from "../../../components/problem-alert";
import { isProblem } from "../../../lib/problem";
import { createAccount, editAccount } from "../api";

interface Props {
  /** The one to change; a new one, if none. */
  account: Account | null;
  close: () => void;
  /** With the link of a new account. */
  done: (username: string, link: OneTimeLink | null) => void;
}

const USERNAME_MAX = 64;
const TEXT_MAX = 256;

export function AccountForm({ account, close, done }: Props) {
  const { t } = useLingui();
  const [username, setUsername] = useState(account?.username ?? "");
  const [name, setName] = useState(account?.name ?? "");
  const [email, setEmail] = useState(account?.email ?? "");
  const [groups, setGroups] = useState(account?.groups ?? []);
  const [admin, setAdmin] = useState(account?.admin ?? false);
  const [mustChange, setMustChange] = useState(account?.must_change_password ?? false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const field = isProblem(error) ? error.field : null;
  const errorOf = (...names: string[]) =>
    field !== null && names.some((one) => field.startsWith(one)) && isProblem(error)
      ? error.detail
      : null;
  const isShownInField = errorOf("username", "name", "email", "groups") !== null;

  const save = async () => {
    if (account) {
      await editAccount(account.username, {
        name: name || null,
        email: email || null,
        groups,
        admin,
        ...(mustChange !== account.must_change_password && { must_change_password: mustChange }),
      });
      return null;
    }
    const made = await createAccount({
      username,
      groups,
      admin,
      ...(name && { name }),
      ...(email && { email }),
    });
    return made.link;
  };
  const submit = async () => {
    setBusy(true);
    setError(null);
    try {
      done(username, await save());
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
          label={t`User name`}
          description={account ? undefined : t`What they type to sign in. It stays.`}
          value={username}
          onChange={(event) => setUsername(event.currentTarget.value)}
          error={errorOf("username")}
          readOnly={account !== null}
          maxLength={USERNAME_MAX}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          required
          data-autofocus={account ? undefined : true}
        />
        <TextInput
          label={t`Name`}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={errorOf("name")}
          maxLength={TEXT_MAX}
          autoComplete="off"
          data-autofocus={account ? true : undefined}
        />
        <TextInput
          type="email"
          label={t`Mail`}
          description={t`To show only: nothing is sent.`}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          error={errorOf("email")}
          maxLength={TEXT_MAX}
          autoComplete="off"
        />
        <TagsInput
          label={t`Groups`}
          description={t`What rules and scopes ask for. Press Enter after each.`}
          value={groups}
          onChange={setGroups}
          splitChars={[",", " "]}
          error={errorOf("groups")}
          clearable
          clearButtonProps={{ "aria-label": t`Remove all` }}
        />
        <Checkbox
          label={t`Administrator`}
          description={t`Sees and changes everything here.`}
          checked={admin}
          onChange={(event) => setAdmin(event.currentTarget.checked)}
        />
        {account && account.status !== "invited" && (
          <Checkbox
            label={t`Must choose a new password at the next sign-in`}
            checked={mustChange}
            onChange={(event) => setMustChange(event.currentTarget.checked)}
          />
        )}
        {error !== null && !isShownInField && <ProblemAlert error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            <Trans>Cancel</Trans>
          </Button>
          <Button type="submit" loading={busy}>
            {account ? <Trans>Save</Trans> : <Trans>Invite</Trans>}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
