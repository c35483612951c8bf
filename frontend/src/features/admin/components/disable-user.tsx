import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Person } from "../../../api/contract";
import { Icon } from "../../../components/icons";
import { ProblemAlert } from "../../../components/problem-alert";
import { useToast } from "../../../components/toasts";
import { ACCOUNTS, EVENTS, PEOPLE, setDisabled } from "../api";

/** Lets somebody in no more, which asks first, or again, which does not. */
export function DisableUser({ person }: { person: Person }) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const toast = useToast();
  const [isAsking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const { owner, disabled } = person;
  const close = () => setAsking(false);
  const change = async () => {
    setBusy(true);
    setError(null);
    try {
      await setDisabled(owner, !disabled);
      close();
      toast({ text: disabled ? t`${owner} is let in again.` : t`${owner} is let in no more.` });
      await Promise.all(
        [PEOPLE, ACCOUNTS, EVENTS].map((queryKey) => queries.invalidateQueries({ queryKey })),
      );
    } catch (problem) {
      setError(problem);
    }
    setBusy(false);
  };
  return (
    <Stack gap="xs">
      {disabled ? (
        <Button leftSection={<Icon name="check" />} loading={busy} onClick={() => void change()}>
          <Trans>Let them in again</Trans>
        </Button>
      ) : (
        <Button
          color="red"
          variant="outline"
          leftSection={<Icon name="pause" />}
          onClick={() => setAsking(true)}
        >
          <Trans>Disable</Trans>
        </Button>
      )}
      {error !== null && !isAsking && <ProblemAlert error={error} />}
      <Modal
        opened={isAsking}
        onClose={close}
        title={t`Disable ${owner}`}
        closeButtonProps={{ "aria-label": t`Close` }}
      >
        <Stack>
          <Text>
            <Trans>
              Their sessions end now, and their keys and tokens are refused at every gate. The keys
              are kept, and work again once the user is let in again.
            </Trans>
          </Text>
          {error !== null && <ProblemAlert error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close} data-autofocus>
              <Trans>Cancel</Trans>
            </Button>
            <Button color="red" loading={busy} onClick={() => void change()}>
              <Trans>Disable</Trans>
            </Button>
          </Group>
        </Stack>
      </Modal>
    </Stack>
  );
}
