import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Token } from "../../../api/contract";
import { Icon } from "../../../components/icons";
import { ProblemAlert } from "../../../components/problem-alert";
import { useToast } from "../../../components/toasts";
import { myKeysQuery, revokeKeys } from "../api";
import { isInUse, useKeyChanged, useUndo } from "./revoke";

/** Several at once: first how many it would be, then their number typed if one is in use. */
export function RevokeMany({ tokens, done }: { tokens: Token[]; done: () => void }) {
  const { t } = useLingui();
  const [matched, setMatched] = useState<number | null>(null);
  const [error, setError] = useState<unknown>(null);
  const queries = useQueryClient();
  const ids = tokens.map(({ id }) => id);
  const ask = async () => {
    setError(null);
    try {
      // One of them may have been used since the page last looked.
      await queries.fetchQuery({ ...myKeysQuery, staleTime: 0 });
      setMatched((await revokeKeys(ids, true)).matched);
    } catch (problem) {
      setError(problem);
      setMatched(0);
    }
  };
  const close = () => setMatched(null);
  return (
    <>
      <Button
        color="red"
        variant="outline"
        leftSection={<Icon name="trash" />}
        onClick={() => void ask()}
      >
        <Plural value={tokens.length} one="Revoke # key" other="Revoke # keys" />
      </Button>
      <Modal
        opened={matched !== null}
        onClose={close}
        title={t`Revoke several keys`}
        closeButtonProps={{ "aria-label": t`Close` }}
      >
        {error !== null && <ProblemAlert error={error} />}
        {error === null && matched !== null && (
          <Confirm tokens={tokens} matched={matched} close={close} done={done} />
        )}
      </Modal>
    </>
  );
}

interface ConfirmProps {
  tokens: Token[];
  matched: number;
  close: () => void;
  done: () => void;
}

function Confirm({ tokens, matched, close, done }: ConfirmProps) {
  const { t } = useLingui();
  const toast = useToast();
  const changed = useKeyChanged();
  const undo = useUndo();
  const [typed, setTyped] = useState("");
  const [error, setError] = useState<unknown>(null);
  const now = new Date();
  const inUse = tokens.filter((token) => isInUse(token, now)).length;
  const isSure = inUse === 0 || typed.trim() === String(matched);
  const submit = async () => {
    try {
      const { ids, revoked } = await revokeKeys(
        tokens.map(({ id }) => id),
        false,
      );
      toast({
        text: t`Revoked: ${revoked}`,
        seconds: 60,
        action: { label: t`Undo`, act: () => void undo(ids) },
      });
      close();
      done();
      await changed();
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <Stack>
      <Text>
        <Plural
          value={matched}
          one="# key would be refused at once."
          other="# keys would be refused at once."
        />
      </Text>
      {inUse > 0 && (
        <TextInput
          label={t`${inUse} were used today. Type ${matched} to confirm`}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          inputMode="numeric"
          autoComplete="off"
          data-autofocus
        />
      )}
      {error !== null && <ProblemAlert error={error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          <Trans>Keep them</Trans>
        </Button>
        <Button color="red" disabled={!isSure || matched === 0} onClick={() => void submit()}>
          <Trans>Revoke</Trans>
        </Button>
      </Group>
    </Stack>
  );
}
