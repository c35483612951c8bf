import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { NarrowPage } from "../components/narrow";
import { ProblemAlert } from "../components/problem-alert";
import { Slow } from "../components/slow";
import { acceptLink, lookAtLink, type Welcome } from "../features/session/api";
import { isAboutPassword, NewPassword } from "../features/session/new-password";
import { useEnter } from "./sign-in";

/** Where a one-time link leads. Its secret is behind #, which no server sees. */
export function WelcomePage() {
  const { t } = useLingui();
  const { token, attempt } = useToken();
  const link = useQuery({
    queryKey: ["welcome", attempt],
    queryFn: () => lookAtLink(token),
    enabled: token !== "",
    retry: false,
    gcTime: 0,
  });
  return (
    <NarrowPage title={t`Welcome`}>
      {token === "" && (
        <Text>
          <Trans>This link is not complete. Copy all of it into the address bar.</Trans>
        </Text>
      )}
      {link.isLoading && <Slow />}
      {link.error && (
        <>
          <Text>
            <Trans>
              This link cannot be used: it was used before, or it has ended. Ask for a new one.
            </Trans>
          </Text>
          <ProblemAlert error={link.error} />
        </>
      )}
      {link.data && <ChoosePassword token={token} welcome={link.data} />}
    </NarrowPage>
  );
}

/** The secret of the link, also of another one that is pasted over the first. */
function useToken(): { token: string; attempt: number } {
  const [held, hold] = useState(() => ({ token: window.location.hash.slice(1), attempt: 1 }));
  useEffect(() => {
    const read = () => {
      const token = window.location.hash.slice(1);
      if (token === "") return;
      hold(({ attempt }) => ({ token, attempt: attempt + 1 }));
      forget();
    };
    forget();
    window.addEventListener("hashchange", read);
    return () => window.removeEventListener("hashchange", read);
  }, []);
  return held;
}

/** Out of the address, so that neither history nor a screenshot keeps it. */
function forget(): void {
  window.history.replaceState(window.history.state, "", window.location.pathname);
}

function ChoosePassword({ token, welcome }: { token: string; welcome: Welcome }) {
  const { t } = useLingui();
  const enter = useEnter(null);
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async () => {
    setBusy(true);
    setError(null);
    try {
      await enter(await acceptLink(token, password));
    } catch (problem) {
      setError(problem);
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
        <Text>
          {welcome.purpose === "invitation" ? (
            <Trans>You are invited. Choose a password, and you are in.</Trans>
          ) : (
            <Trans>Choose a new password.</Trans>
          )}
        </Text>
        <TextInput label={t`User name`} value={welcome.username} readOnly autoComplete="username" />
        <NewPassword value={password} change={setPassword} error={error} />
        {error !== null && !isAboutPassword(error) && <ProblemAlert error={error} />}
        <Button type="submit" loading={busy}>
          <Trans>Set the password and sign in</Trans>
        </Button>
      </Stack>
    </form>
  );
}
