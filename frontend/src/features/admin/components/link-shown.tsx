// The one time that a link is shown: whoever has it sets the password. Its
// text lives in the state of the page above and nowhere else.

import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import type { OneTimeLink } from "../../../api/contract";
import { CopyButton } from "../../../components/copy-button";
import { Icon } from "../../../components/icons";
import { moment } from "../../../lib/dates";

interface Props {
  username: string;
  link: OneTimeLink;
  close: () => void;
}

export function LinkShown({ username, link, close }: Props) {
  const { t, i18n } = useLingui();
  const end = moment(i18n.locale, new Date(link.expires_at));
  return (
    <Stack>
      <Text>
        <Trans>
          Hand this link to {username}. Whoever opens it first sets the password, so send it where
          only they read.
        </Trans>
      </Text>
      <code className="gl-secret" data-testid="link">
        {link.url}
      </code>
      <Group gap="xs">
        <CopyButton
          variant="filled"
          text={link.url}
          label={t`Copy the link`}
          done={t`The link is on the clipboard.`}
        />
      </Group>
      <Text size="sm" c="dimmed">
        <Trans>It works once, until {end}.</Trans>
      </Text>
      <Alert color="yellow" icon={<Icon name="alert" />} title={t`It is shown this once`}>
        <Trans>Once closed, it cannot be had back; make a new one then.</Trans>
      </Alert>
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          <Trans>Close</Trans>
        </Button>
      </Group>
    </Stack>
  );
}
