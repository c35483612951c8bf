import { Trans, useLingui } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { NarrowPage } from "../components/narrow";
import { SESSION, sessionQuery } from "../features/session/api";
import { PasswordForm } from "../features/session/password-form";

export function ChangePasswordPage() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const queries = useQueryClient();
  useEffect(() => {
    // Brings the CSRF token, also when this page was opened by its address.
    void queries.ensureQueryData(sessionQuery).then((state) => {
      if (!state.signed_in) void navigate({ to: "/sign-in" });
    });
  }, [queries, navigate]);
  const done = async () => {
    queries.removeQueries({ queryKey: SESSION });
    await navigate({ to: "/keys" });
  };
  return (
    <NarrowPage title={t`Choose your own password`}>
      <Text size="sm">
        <Trans>Somebody else knows the one you signed in with. From now on only you shall.</Trans>
      </Text>
      <PasswordForm done={() => void done()} />
    </NarrowPage>
  );
}
