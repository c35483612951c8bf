import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Container, Group, Stack, Text } from "@mantine/core";
import { useRouter } from "@tanstack/react-router";
import { LinkButton } from "../components/links";
import { PageHeading, usePageTitle } from "../components/page";
import { ProblemAlert } from "../components/problem-alert";
import { isProblem } from "../lib/problem";

export function NotFoundPage() {
  const { t } = useLingui();
  usePageTitle(t`No such page`);
  return (
    <Container size="xs" py="xl" component="main">
      <Stack>
        <PageHeading>
          <Trans>There is no such page</Trans>
        </PageHeading>
        <Text>
          <Trans>The address may be mistyped, or what it showed is gone.</Trans>
        </Text>
        <Group>
          <LinkButton to="/keys">
            <Trans>To my keys</Trans>
          </LinkButton>
        </Group>
      </Stack>
    </Container>
  );
}

export function ErrorPage({ error, reset }: { error: unknown; reset: () => void }) {
  const router = useRouter();
  const { t } = useLingui();
  const isRefused = isProblem(error) && error.status === 403;
  usePageTitle(isRefused ? t`Not for you` : t`Something went wrong`);
  const retry = () => {
    reset();
    void router.invalidate();
  };
  return (
    <Container size="xs" py="xl" component="main">
      <Stack>
        <PageHeading>
          {isRefused ? (
            <Trans>This is not for you</Trans>
          ) : (
            <Trans>This page cannot be shown</Trans>
          )}
        </PageHeading>
        <ProblemAlert error={error} />
        <Group>
          <Button onClick={retry}>
            <Trans>Try again</Trans>
          </Button>
          <LinkButton to="/keys" variant="default">
            <Trans>To my keys</Trans>
          </LinkButton>
        </Group>
      </Stack>
    </Container>
  );
}
