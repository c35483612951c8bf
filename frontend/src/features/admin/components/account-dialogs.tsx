// What is done to an account, one dialog at a time.

import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { Account, OneTimeLink } from "../../../api/contract";
import { ProblemAlert } from "../../../components/problem-alert";
import { deleteAccount, editAccount, makeLink } from "../api";
import { AccountForm } from "./account-form";
import { LinkShown } from "./link-shown";

export type Dialog =
  | { kind: "create" }
  | { kind: "edit" | "link" | "disable" | "delete"; account: Account }
  | { kind: "shown"; username: string; link: OneTimeLink }
  | null;

interface Props {
  dialog: Dialog;
  show: (dialog: Dialog) => void;
  /** After a change, with words for it. */
  changed: (text: string) => void;
}

export function AccountDialogs({ dialog, show, changed }: Props) {
  const { t } = useLingui();
  const close = () => show(null);
  return (
    <Modal
      opened={dialog !== null}
      onClose={close}
      title={useTitle(dialog)}
      closeOnClickOutside={dialog?.kind !== "shown"}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      <Content dialog={dialog} show={show} changed={changed} close={close} />
    </Modal>
  );
}

function useTitle(dialog: Dialog): string {
  const { t } = useLingui();
  switch (dialog?.kind) {
    case "create":
      return t`Invite somebody`;
    case "edit":
      return t`Change ${dialog.account.username}`;
    case "link":
      return t`New link for ${dialog.account.username}`;
    case "disable":
      return t`Disable ${dialog.account.username}`;
    case "delete":
      return t`Delete ${dialog.account.username}`;
    case "shown":
      return t`Link for ${dialog.username}`;
    default:
      return "";
  }
}

function Content({ dialog, show, changed, close }: Props & { close: () => void }) {
  const { t } = useLingui();
  switch (dialog?.kind) {
    case "create":
    case "edit":
      return (
        <AccountForm
          account={dialog.kind === "edit" ? dialog.account : null}
          close={close}
          done={(username, link) => {
            show(link && { kind: "shown", username, link });
            changed(link ? t`${username} is invited.` : t`Saved.`);
          }}
        />
      );
    case "link": {
      const { username, status } = dialog.account;
      return (
        <Sure
          act={async () => {
            const link = await makeLink(username);
            show({ kind: "shown", username, link });
            changed(t`A new link is made.`);
          }}
          yes={<Trans>Make a link</Trans>}
          close={close}
        >
          {status === "invited" ? (
            <Trans>It takes the place of the invitation of before.</Trans>
          ) : (
            <Trans>With it they set a new password. Until then the password of now holds.</Trans>
          )}
        </Sure>
      );
    }
    case "disable": {
      const { username } = dialog.account;
      return (
        <Sure
          act={async () => {
            await editAccount(username, { disabled: true });
            close();
            changed(t`${username} is let in no more.`);
          }}
          yes={<Trans>Disable</Trans>}
          close={close}
          isDangerous
        >
          <Trans>
            Nobody signs in with it, its sessions end now, and the keys of its owner are refused.
            All of that comes back when it is enabled.
          </Trans>
        </Sure>
      );
    }
    case "delete": {
      const { username } = dialog.account;
      return (
        <Sure
          act={async () => {
            await deleteAccount(username);
            close();
            changed(t`${username} is deleted.`);
          }}
          yes={<Trans>Delete</Trans>}
          close={close}
          typed={username}
          isDangerous
        >
          <Trans>
            The account goes, its sessions end, and all keys of its owner are revoked for good. This
            cannot be undone.
          </Trans>
        </Sure>
      );
    }
    case "shown":
      return <LinkShown username={dialog.username} link={dialog.link} close={close} />;
    default:
      return null;
  }
}

interface SureProps {
  act: () => Promise<void>;
  yes: ReactNode;
  close: () => void;
  /** What has to be typed first. */
  typed?: string;
  isDangerous?: boolean;
  children: ReactNode;
}

function Sure({ act, yes, close, typed, isDangerous, children }: SureProps) {
  const { t } = useLingui();
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const isSure = typed === undefined || text === typed;
  const submit = async () => {
    setBusy(true);
    setError(null);
    try {
      await act();
    } catch (problem) {
      setError(problem);
    }
    setBusy(false);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isSure) void submit();
      }}
    >
      <Stack>
        <Text>{children}</Text>
        {typed !== undefined && (
          <TextInput
            label={t`Type ${typed} to confirm`}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            data-autofocus
          />
        )}
        {error !== null && <ProblemAlert error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            <Trans>Cancel</Trans>
          </Button>
          <Button
            type="submit"
            color={isDangerous ? "red" : undefined}
            disabled={!isSure}
            loading={busy}
          >
            {yes}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
