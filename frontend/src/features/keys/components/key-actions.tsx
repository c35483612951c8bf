import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Modal, Radio, Stack, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { MintedToken, Overlap, Token } from "../../../api/contract";
import { Icon } from "../../../components/icons";
import { ProblemAlert } from "../../../components/problem-alert";
import { useToast } from "../../../components/toasts";
import { editKey, rotateKey } from "../api";
import { useWhose } from "../whose";
import { EditForm } from "./edit-form";
import { RevokeDialog, useKeyChanged, useRevokeOrAsk, useUndo } from "./revoke";

interface Props {
  token: Token;
  rotated: (minted: MintedToken) => void;
}

type Dialog = "rotate" | "edit" | null;

export function KeyActions({ token, rotated }: Props) {
  const { t } = useLingui();
  const [dialog, setDialog] = useState<Dialog>(null);
  const [asked, setAsked] = useState<Token | null>(null);
  const [error, setError] = useState<unknown>(null);
  const revoke = useRevokeOrAsk(setAsked);
  const undo = useUndo();
  const changed = useKeyChanged();
  const toast = useToast();
  const whose = useWhose();
  const close = () => setDialog(null);
  const isDisabled = token.status === "disabled";
  const toggle = async () => {
    await editKey(token.id, { disabled: !isDisabled }, whose);
    toast({
      text: isDisabled ? t`The key works again.` : t`The key is refused until you enable it.`,
    });
    await changed();
  };
  const run = (work: Promise<void>) => void work.then(() => setError(null), setError);
  if (token.status === "revoking") {
    return (
      <Button leftSection={<Icon name="back" />} onClick={() => void undo([token.id])}>
        <Trans>Take the revocation back</Trans>
      </Button>
    );
  }
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <Button leftSection={<Icon name="rotate" />} onClick={() => setDialog("rotate")}>
          <Trans>Rotate</Trans>
        </Button>
        <Button
          variant="default"
          leftSection={<Icon name="edit" />}
          onClick={() => setDialog("edit")}
        >
          <Trans>Rename or narrow</Trans>
        </Button>
        <Button variant="default" leftSection={<Icon name="pause" />} onClick={() => run(toggle())}>
          {isDisabled ? <Trans>Enable</Trans> : <Trans>Disable</Trans>}
        </Button>
        <Button
          color="red"
          variant="outline"
          leftSection={<Icon name="trash" />}
          onClick={() => run(revoke(token))}
        >
          <Trans>Revoke</Trans>
        </Button>
      </Group>
      {error !== null && <ProblemAlert error={error} />}
      <RevokeDialog token={asked} close={() => setAsked(null)} />
      <Plain opened={dialog === "rotate"} close={close} title={t`Rotate the key`}>
        <RotateForm token={token} rotated={rotated} close={close} />
      </Plain>
      <Plain opened={dialog === "edit"} close={close} title={t`Rename or narrow`}>
        <EditForm token={token} close={close} />
      </Plain>
    </Stack>
  );
}

function Plain({
  opened,
  close,
  title,
  children,
}: {
  opened: boolean;
  close: () => void;
  title: string;
  children: ReactNode;
}) {
  const { t } = useLingui();
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={title}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      {children}
    </Modal>
  );
}

function RotateForm({ token, rotated, close }: Props & { close: () => void }) {
  const { t } = useLingui();
  const changed = useKeyChanged();
  const whose = useWhose();
  const [overlap, setOverlap] = useState<Overlap>("24h");
  const [attempt] = useState(() => crypto.randomUUID());
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async () => {
    setBusy(true);
    try {
      const minted = await rotateKey(token.id, overlap, attempt, whose);
      close();
      rotated(minted);
      await changed();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const choices: [Overlap, string][] = [
    ["0", t`Not at all: it may have leaked`],
    ["1h", t`1 hour`],
    ["24h", t`24 hours`],
    ["7d", t`7 days`],
  ];
  return (
    <Stack>
      <Text>
        <Trans>A new key takes its place, with the same rights.</Trans>
      </Text>
      <Radio.Group
        label={t`How long the old key works beside it`}
        value={overlap}
        onChange={(value) => setOverlap(value as Overlap)}
      >
        <Stack gap="xs" mt="xs">
          {choices.map(([value, label]) => (
            <Radio key={value} value={value} label={label} />
          ))}
        </Stack>
      </Radio.Group>
      {error !== null && <ProblemAlert error={error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          <Trans>Cancel</Trans>
        </Button>
        <Button loading={busy} onClick={() => void submit()}>
          <Trans>Rotate</Trans>
        </Button>
      </Group>
    </Stack>
  );
}
