import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, Code, Text } from "@mantine/core";
import { Icon } from "../../components/icons";

interface Props {
  /** The word in the address; see docs/operate/sign-in-with-oidc.md. */
  slug: string;
  requestId: string | null;
}

/** Why a provider's sign-in came back here, and what to do. */
export function SignInProblem({ slug, requestId }: Props) {
  const { t } = useLingui();
  const texts: Record<string, string> = {
    "unknown-provider": t`There is no such sign-in service here. Choose one below.`,
    "provider-unavailable": t`The sign-in service does not answer. Try again in a minute, or another way in.`,
    refused: t`The sign-in service refused. Try again, or ask whoever runs it.`,
    expired: t`That took too long, or it was used already. Start again.`,
    "session-ended": t`Your session is over. Sign in again, and you are back where you were.`,
    lost: t`This browser does not remember that sign-in: it began in another window or under another address, or cookies are blocked. Start again here.`,
    loop: t`The sign-in went in circles, so it was stopped. Allow cookies for this site, then try again in a minute.`,
    "not-allowed": t`You are known, but not allowed in here. Ask whoever runs this service.`,
    insecure: t`Signing in takes HTTPS. Open this page by its https:// address.`,
    unavailable: t`Nobody can be signed in at the moment. Try again in a minute.`,
  };
  return (
    <Alert
      color="yellow"
      icon={<Icon name="alert" />}
      role="alert"
      title={t`You are not signed in`}
    >
      <Text size="sm">{texts[slug] ?? t`The sign-in did not work. Try again.`}</Text>
      {requestId && (
        <Text size="xs" mt="xs">
          <Trans>
            Request id: <Code>{requestId}</Code>
          </Trans>
        </Text>
      )}
    </Alert>
  );
}

/** Back from the provider's own page for signing out. */
export function SignedOut() {
  const { t } = useLingui();
  return (
    <Alert color="green" icon={<Icon name="check" />} role="status" title={t`You are signed out`}>
      <Text size="sm">
        <Trans>Here and at the sign-in service.</Trans>
      </Text>
    </Alert>
  );
}
