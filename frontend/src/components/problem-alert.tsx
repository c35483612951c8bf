// What went wrong and what to do, in words, with the id that leads an
// operator to the log.

import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, Button, Code, Group, Stack, Text } from "@mantine/core";
import { isProblem } from "../lib/problem";
import { Icon } from "./icons";

export function useProblemText(): (error: unknown) => { title: string; detail: string } {
  const { t } = useLingui();
  return (error) => {
    if (!isProblem(error)) {
      return { title: t`Something went wrong`, detail: t`The page has a fault. Load it again.` };
    }
    switch (error.slug) {
      case "network":
        return {
          title: t`The service does not answer`,
          detail: t`Check your connection and try again.`,
        };
      case "unavailable":
        return {
          title: t`The service cannot do this at the moment`,
          detail: t`Nothing was changed. Try again shortly.`,
        };
      case "sign-in-refused":
        return {
          title: t`That did not match`,
          detail: t`Check the user name and the password. Whoever runs this service can reset it.`,
        };
      default:
        if (error.status === 429) {
          const seconds = error.retryAfterSeconds ?? 60;
          return {
            title: t`Too many attempts`,
            detail: t`Wait ${seconds} seconds, then try again.`,
          };
        }
        return { title: error.message || t`Something went wrong`, detail: error.detail };
    }
  };
}

export function ProblemAlert({ error, retry }: { error: unknown; retry?: () => void }) {
  const { title, detail } = useProblemText()(error);
  const id = isProblem(error) ? error.requestId : null;
  return (
    <Alert color="red" icon={<Icon name="alert" />} title={title} role="alert">
      <Stack gap="xs">
        {detail && <Text size="sm">{detail}</Text>}
        {id && (
          <Text size="xs">
            <Trans>
              Request id: <Code>{id}</Code>
            </Trans>
          </Text>
        )}
        {retry && (
          <Group>
            <Button size="xs" variant="default" onClick={retry}>
              <Trans>Try again</Trans>
            </Button>
          </Group>
        )}
      </Stack>
    </Alert>
  );
}
