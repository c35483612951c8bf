// Many keys of many people: first how many it would be, then why, then the
// number typed; and a minute to think again.

import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button, Checkbox, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Icon } from "../../../components/icons";
import { ProblemAlert, useProblemText } from "../../../components/problem-alert";
import { useToast } from "../../../components/toasts";
import { useKeyChanged } from "../../keys/components/revoke";
import { type Choice, EVENTS, lookAtRevocation, restoreMany, revokeMany } from "../api";

const UNDO_SECONDS = 60;
const REASON_MAX = 200;

interface Props {
  choice: Choice;
  label: ReactNode;
  variant?: string;
  done: () => void;
}

type Look = { matched: number } | { error: unknown } | null;

export function BulkRevoke({ choice, label, variant = "outline", done }: Props) {
  const { t } = useLingui();
  const [look, setLook] = useState<Look>(null);
  const [busy, setBusy] = useState(false);
  const ask = async () => {
    setBusy(true);
    try {
      setLook({ matched: await lookAtRevocation(choice) });
    } catch (error) {
      setLook({ error });
    }
    setBusy(false);
  };
  const close = () => setLook(null);
  return (
    <>
      <Button
        color="red"
        variant={variant}
        leftSection={<Icon name="trash" />}
        loading={busy}
        onClick={() => void ask()}
      >
        {label}
      </Button>
      <Modal
        opened={look !== null}
        onClose={close}
        title={t`Revoke several keys`}
        closeButtonProps={{ "aria-label": t`Close` }}
      >
        {look && "error" in look && <ProblemAlert error={look.error} />}
        {look && "matched" in look && (
          <Confirm choice={choice} matched={look.matched} close={close} done={done} />
        )}
      </Modal>
    </>
  );
}

interface ConfirmProps {
  choice: Choice;
  matched: number;
  close: () => void;
  done: () => void;
}

function Confirm({ choice, matched, close, done }: ConfirmProps) {
  const { t } = useLingui();
  const said = useSaid();
  const [reason, setReason] = useState("");
  const [isForGood, setForGood] = useState(false);
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const isSure = matched > 0 && typed.trim() === String(matched);
  const submit = async () => {
    setBusy(true);
    setError(null);
    try {
      const ids = await revokeMany(choice, matched, { reason: reason.trim(), isForGood });
      close();
      done();
      await said(ids, isForGood);
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isSure) void submit();
      }}
    >
      <Stack>
        <Text>
          <Plural
            value={matched}
            _0="No key would be revoked."
            one="# key would be refused at once."
            other="# keys would be refused at once."
          />{" "}
          {matched > 0 && !isForGood && <Trans>For a minute that can be taken back.</Trans>}
        </Text>
        {matched > 0 && (
          <>
            <TextInput
              label={t`Reason`}
              description={t`The audit log keeps it with each key.`}
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
              maxLength={REASON_MAX}
              autoComplete="off"
              data-autofocus
            />
            <Checkbox
              label={t`For good at once`}
              description={t`Nothing can be taken back. Keys of the former service have no other way.`}
              checked={isForGood}
              onChange={(event) => setForGood(event.currentTarget.checked)}
            />
            <TextInput
              label={t`Type ${matched} to confirm`}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              inputMode="numeric"
              autoComplete="off"
            />
          </>
        )}
        {error !== null && <ProblemAlert error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            <Trans>Keep them</Trans>
          </Button>
          <Button type="submit" color="red" disabled={!isSure} loading={busy}>
            <Trans>Revoke</Trans>
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Says what was done, and offers to undo it for as long as it can be. */
function useSaid(): (ids: string[], isForGood: boolean) => Promise<void> {
  const { t } = useLingui();
  const toast = useToast();
  const queries = useQueryClient();
  const keysChanged = useKeyChanged();
  const problemText = useProblemText();
  const changed = async () => {
    await Promise.all([keysChanged(), queries.invalidateQueries({ queryKey: EVENTS })]);
  };
  const undo = async (ids: string[]) => {
    try {
      const restored = await restoreMany(ids);
      const count = ids.length;
      toast({ text: t`Taken back: ${restored} of ${count}` });
    } catch (error) {
      const { title, detail } = problemText(error);
      toast({ kind: "bad", text: `${title}. ${detail}` });
    }
    await changed();
  };
  return async (ids, isForGood) => {
    const count = ids.length;
    toast({
      text: t`Revoked: ${count}`,
      ...(!isForGood && {
        seconds: UNDO_SECONDS,
        action: { label: t`Undo`, act: () => void undo(ids) },
      }),
    });
    await changed();
  };
}
