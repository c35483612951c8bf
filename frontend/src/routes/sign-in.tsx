import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Divider, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { SignedIn, Ways } from "../api/contract";
import { NarrowPage } from "../components/narrow";
import { ProblemAlert } from "../components/problem-alert";
import { Slow } from "../components/slow";
import {
  providerUrl,
  SESSION,
  sessionQuery,
  signIn,
  signInAsDeveloper,
} from "../features/session/api";
import { SignedOut, SignInProblem } from "../features/session/sign-in-outcome";
import { ownPath } from "../lib/return-to";

export function SignInPage() {
  const { t } = useLingui();
  const { return_to, problem, request_id, state } = useSearch({ from: "/sign-in" });
  const session = useQuery(sessionQuery);
  const ways = session.data?.ways;
  return (
    <NarrowPage title={t`Sign in`}>
      {problem && <SignInProblem slug={problem} requestId={request_id ?? null} />}
      {!problem && state === "signed-out" && <SignedOut />}
      {session.error && <ProblemAlert error={session.error} retry={() => void session.refetch()} />}
      {session.isPending && <Slow />}
      {ways && <WaysIn ways={ways} returnTo={return_to ?? null} />}
    </NarrowPage>
  );
}

function WaysIn({ ways, returnTo }: { ways: Ways; returnTo: string | null }) {
  const enter = useEnter(returnTo);
  const hasMore = ways.providers.length > 0 || ways.dev_user;
  if (!ways.password && !hasMore) {
    return (
      <Text>
        <Trans>No way to sign in is set up here. Whoever runs this service can add one.</Trans>
      </Text>
    );
  }
  return (
    <Stack>
      {ways.providers.map(({ id, name }) => (
        <Button key={id} component="a" href={providerUrl(id, returnTo)} variant="default" fullWidth>
          <Trans>Continue with {name}</Trans>
        </Button>
      ))}
      {ways.dev_user && <DeveloperButton returnTo={returnTo} enter={enter} />}
      {ways.password && hasMore && <Divider />}
      {ways.password && <PasswordForm returnTo={returnTo} enter={enter} />}
    </Stack>
  );
}

type Enter = (answer: SignedIn) => Promise<void>;

/** Goes on to where the service says; it has checked that. */
export function useEnter(returnTo: string | null): Enter {
  const queries = useQueryClient();
  const router = useRouter();
  const navigate = useNavigate();
  return async (answer) => {
    queries.removeQueries({ queryKey: SESSION });
    await router.invalidate();
    if (answer.must_change_password) {
      await navigate({ to: "/change-password" });
      return;
    }
    const path = ownPath(answer.return_to) ?? returnTo;
    // Not a page of this application: the service takes people on from there.
    if (path?.startsWith("/enter?")) window.location.assign(path);
    else if (path) router.history.push(path);
    // Another host of the operator's, or the start page.
    else if (answer.return_to.startsWith("https://")) window.location.assign(answer.return_to);
    else await navigate({ to: "/keys" });
  };
}

function DeveloperButton({ returnTo, enter }: { returnTo: string | null; enter: Enter }) {
  const [error, setError] = useState<unknown>(null);
  const act = () => signInAsDeveloper(returnTo).then(enter, setError);
  return (
    <>
      <Button variant="default" fullWidth onClick={() => void act()}>
        <Trans>Continue as the developer</Trans>
      </Button>
      {error !== null && <ProblemAlert error={error} />}
    </>
  );
}

function PasswordForm({ returnTo, enter }: { returnTo: string | null; enter: Enter }) {
  const { t } = useLingui();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async () => {
    setBusy(true);
    setError(null);
    try {
      await enter(await signIn(username, password, returnTo));
    } catch (problem) {
      setError(problem);
      setPassword("");
    }
    setBusy(false);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Stack>
        {error !== null && <ProblemAlert error={error} />}
        <TextInput
          label={t`User name`}
          value={username}
          onChange={(event) => setUsername(event.currentTarget.value)}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          required
        />
        <PasswordInput
          label={t`Password`}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="current-password"
          visibilityToggleButtonProps={{ "aria-label": t`Show the password` }}
          required
        />
        <Button type="submit" loading={busy} fullWidth>
          <Trans>Sign in</Trans>
        </Button>
      </Stack>
    </form>
  );
}
