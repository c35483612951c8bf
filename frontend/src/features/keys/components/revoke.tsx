// Taking a key back. One that nobody used today goes with one click and can be
// had back for a minute; one in use asks for its name first.

import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import type { Token } from "../../../api/contract";
import { ProblemAlert, useProblemText } from "../../../components/problem-alert";
import { useToast } from "../../../components/toasts";
import { DAY_SECONDS, isWithin } from "../../../lib/dates";
import { keyQuery, MY_KEYS, OTHERS_KEYS, restoreKey, revokeKey, usageQuery } from "../api";
import { useWhose } from "../whose";

const UNDO_SECONDS = 60;

export function useKeyChanged(): () => Promise<void> {
  const queries = useQueryClient();
  return useCallback(async () => {
    await Promise.all([
      queries.invalidateQueries({ queryKey: MY_KEYS }),
      queries.invalidateQueries({ queryKey: OTHERS_KEYS }),
      queries.invalidateQueries({ queryKey: ["key"] }),
    ]);
  }, [queries]);
}

export function useUndo(): (ids: string[]) => Promise<void> {
  const { t } = useLingui();
  const toast = useToast();
  const changed = useKeyChanged();
  const problemText = useProblemText();
  const whose = useWhose();
  return async (ids) => {
    try {
      for (const id of ids) await restoreKey(id, whose);
      toast({ text: t`Taken back: everything is as it was.` });
    } catch (error) {
      const { title, detail } = problemText(error);
      toast({ kind: "bad", text: `${title}. ${detail}` });
    }
    await changed();
  };
}

/** Revokes, says so, and offers to undo it for as long as it can be. */
export function useRevoke(): (token: Token) => Promise<void> {
  const { t } = useLingui();
  const toast = useToast();
  const changed = useKeyChanged();
  const undo = useUndo();
  const whose = useWhose();
  return async (token) => {
    await revokeKey(token.id, whose);
    const name = token.name ?? token.id;
    toast({
      text: t`${name} is revoked and refused from now on.`,
      seconds: UNDO_SECONDS,
      action: { label: t`Undo`, act: () => void undo([token.id]) },
    });
    await changed();
  };
}

/** Whether revoking this key asks first: it may be at work right now. */
export function isInUse(token: Token, now: Date): boolean {
  return isWithin(token.last_used_at, now, DAY_SECONDS);
}

/** Revokes, or asks first if the key was used since the page last looked. */
export function useRevokeOrAsk(ask: (token: Token) => void): (token: Token) => Promise<void> {
  const queries = useQueryClient();
  const revoke = useRevoke();
  const whose = useWhose();
  return async ({ id }) => {
    const token = await queries.fetchQuery({ ...keyQuery(id, whose), staleTime: 0 });
    if (isInUse(token, new Date())) ask(token);
    else await revoke(token);
  };
}

export function RevokeDialog({ token, close }: { token: Token | null; close: () => void }) {
  const { t } = useLingui();
  return (
    <Modal
      opened={token !== null}
      onClose={close}
      title={t`Revoke a key that is in use`}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      {token && <Confirm key={token.id} token={token} close={close} />}
    </Modal>
  );
}

function Confirm({ token, close }: { token: Token; close: () => void }) {
  const { t } = useLingui();
  const revoke = useRevoke();
  const usage = useQuery(usageQuery(token.id, useWhose()));
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const name = token.name ?? token.id;
  const submit = async () => {
    setBusy(true);
    try {
      await revoke(token);
      close();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (typed === name) void submit();
      }}
    >
      <Stack>
        <Text>
          <Trans>Whoever uses this key is refused at once.</Trans>{" "}
          {usage.data && (
            <strong>
              <Plural
                value={usage.data.today.allowed}
                one="It served # call today."
                other="It served # calls today."
              />{" "}
              {usage.data.today.networks > 0 && (
                <Plural
                  value={usage.data.today.networks}
                  one="They came from # network."
                  other="They came from # networks."
                />
              )}
            </strong>
          )}
        </Text>
        <TextInput
          label={t`Type ${name} to confirm`}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
        />
        {error !== null && <ProblemAlert error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            <Trans>Keep it</Trans>
          </Button>
          <Button type="submit" color="red" disabled={typed !== name} loading={busy}>
            <Trans>Revoke</Trans>
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
