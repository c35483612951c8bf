import { Trans } from "@lingui/react/macro";
import { Paper, Stack, Text, Title } from "@mantine/core";
import { Icon } from "../../../components/icons";
import { LinkButton } from "../../../components/links";

/** What stands where no key is yet: how to come from nothing to a call that passes. */
export function QuickStart() {
  const gate = `${window.location.origin}/forward-auth`;
  return (
    <Paper withBorder p="xl">
      <Stack gap="lg">
        <div>
          <Title order={2} size="h3">
            <Trans>Your first key</Trans>
          </Title>
          <Text c="dimmed">
            <Trans>A key lets a program in where you may go. Three steps:</Trans>
          </Text>
        </div>
        <ol className="gl-steps">
          <li>
            <Text fw={600} mb="xs">
              <Trans>Create a key and name it after what will use it</Trans>
            </Text>
            <LinkButton to="/keys/new" leftSection={<Icon name="plus" />}>
              <Trans>Create a key</Trans>
            </LinkButton>
          </li>
          <li>
            <Text fw={600}>
              <Trans>Copy it: it is shown once</Trans>
            </Text>
            <Text c="dimmed">
              <Trans>Put it where your program finds its secrets.</Trans>
            </Text>
          </li>
          <li>
            <Text fw={600} mb="xs">
              <Trans>Send it with a request</Trans>
            </Text>
            <pre className="gl-code">{`curl -i -H "Authorization: Bearer $API_KEY" ${gate}`}</pre>
          </li>
        </ol>
      </Stack>
    </Paper>
  );
}
