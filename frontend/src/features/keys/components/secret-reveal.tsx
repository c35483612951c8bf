// The one time that a key is shown. Its text lives in the state of the page
// above and nowhere else, and is gone when that lets go of it.

import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, Button, Checkbox, Group, Paper, Stack, Tabs, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { useState } from "react";
import type { MintedToken } from "../../../api/contract";
import { CopyButton } from "../../../components/copy-button";
import { Icon } from "../../../components/icons";
import { download } from "../../../lib/download";
import { masked } from "../../../lib/mask";
import { keyQuery } from "../api";
import { objectName, type Snippet, snippets } from "../snippets";
import { useWhose } from "../whose";

const FIRST_USE_POLL_MS = 2000;

export function SecretReveal({ minted, done }: { minted: MintedToken; done: () => void }) {
  const { t } = useLingui();
  const [isSaved, setSaved] = useState(false);
  const [isShown, setShown] = useState(false);
  useBlocker({
    shouldBlockFn: () => !isSaved && !window.confirm(t`The key will not be shown again. Leave?`),
    enableBeforeUnload: () => !isSaved,
  });
  const secret = minted.token;
  const shown = isShown ? secret : masked(secret);
  return (
    <Stack>
      <Alert color="yellow" icon={<Icon name="alert" />} title={t`Keep this key now`}>
        <Trans>It is shown this once and stored nowhere as it stands here.</Trans>
      </Alert>
      <Paper withBorder p="lg">
        <Stack>
          <code className="gl-secret" data-testid="secret">
            {shown}
          </code>
          <Group gap="xs">
            <CopyButton
              variant="filled"
              text={secret}
              label={t`Copy the key`}
              done={t`The key is on the clipboard.`}
            />
            <Button
              variant="default"
              leftSection={<Icon name={isShown ? "eyeOff" : "eye"} />}
              aria-pressed={isShown}
              onClick={() => setShown(!isShown)}
            >
              {isShown ? t`Hide` : t`Show`}
            </Button>
            <Button
              variant="default"
              leftSection={<Icon name="download" />}
              onClick={() =>
                download(`${objectName(minted.name ?? "")}.txt`, "text/plain", `${secret}\n`)
              }
            >
              <Trans>Download</Trans>
            </Button>
          </Group>
        </Stack>
      </Paper>
      <SnippetTabs minted={minted} shown={shown} />
      <FirstUse id={minted.id} />
      <Paper withBorder p="lg">
        <Stack>
          <Checkbox
            label={t`I have saved it`}
            checked={isSaved}
            onChange={(event) => setSaved(event.currentTarget.checked)}
          />
          <Group>
            <Button disabled={!isSaved} onClick={done}>
              <Trans>Done</Trans>
            </Button>
          </Group>
        </Stack>
      </Paper>
    </Stack>
  );
}

function SnippetTabs({ minted, shown }: { minted: MintedToken; shown: string }) {
  const { t } = useLingui();
  const origin = window.location.origin;
  const name = minted.name ?? "";
  const real = snippets(origin, name, minted.token);
  const titles: Record<Snippet["id"], string> = {
    curl: "curl",
    env: ".env",
    kubernetes: "Kubernetes Secret",
    actions: "GitHub Actions",
    openai: t`OpenAI client`,
  };
  return (
    <Tabs defaultValue="curl">
      <Tabs.List aria-label={t`Ready to paste`}>
        {real.map(({ id }) => (
          <Tabs.Tab key={id} value={id}>
            {titles[id]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {snippets(origin, name, shown).map(({ id, text }, place) => (
        <Tabs.Panel key={id} value={id} pt="sm">
          <Stack gap="xs">
            <pre className="gl-code">{text}</pre>
            <Group>
              <CopyButton
                size="xs"
                text={real[place]?.text ?? ""}
                describe={t`Copy: ${titles[id]}`}
                done={t`Copied, with the key in it.`}
              />
            </Group>
          </Stack>
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

/** Waits for the key to pass a gate, and says so when it has. */
function FirstUse({ id }: { id: string }) {
  const { data } = useQuery({
    ...keyQuery(id, useWhose()),
    refetchInterval: ({ state }) => (state.data?.last_used_at ? false : FIRST_USE_POLL_MS),
  });
  const isUsed = Boolean(data?.last_used_at);
  return (
    <Group gap="xs" role="status" className="gl-first-use" data-used={isUsed || undefined}>
      <Icon name={isUsed ? "check" : "clock"} />
      <Text fw={isUsed ? 600 : 400}>
        {isUsed ? (
          <Trans>It works: the key passed the gate.</Trans>
        ) : (
          <Trans>Waiting for its first use…</Trans>
        )}
      </Text>
    </Group>
  );
}
