import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, PasswordInput, Stack } from "@mantine/core";
import { useState } from "react";
import { ProblemAlert } from "../../components/problem-alert";
import { changePassword } from "./api";
import { isAboutPassword, NewPassword } from "./new-password";

export function PasswordForm({ done }: { done: () => void }) {
  const { t } = useLingui();
  const [current, setCurrent] = useState("");
  const [fresh, setFresh] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async () => {
    setBusy(true);
    setError(null);
    try {
      await changePassword(current, fresh);
      setCurrent("");
      setFresh("");
      done();
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
        <PasswordInput
          label={t`Current password`}
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
          autoComplete="current-password"
          visibilityToggleButtonProps={{ "aria-label": t`Show the password` }}
          required
        />
        <NewPassword value={fresh} change={setFresh} error={error} />
        {error !== null && !isAboutPassword(error) && <ProblemAlert error={error} />}
        <Group>
          <Button type="submit" loading={busy}>
            <Trans>Change the password</Trans>
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
