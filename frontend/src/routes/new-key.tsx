import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useRouteContext, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { MintedToken } from "../api/contract";
import { Page } from "../components/page";
import { ProblemAlert } from "../components/problem-alert";
import { Slow } from "../components/slow";
import { keyQuery, myKeysQuery } from "../features/keys/api";
import { KeyForm } from "../features/keys/components/key-form";
import { SecretReveal } from "../features/keys/components/secret-reveal";
import { startForm } from "../features/keys/draft";
import { hasEnded } from "../features/keys/filter";

export function NewKeyPage() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { me } = useRouteContext({ from: "/signed-in" });
  const prefill = useSearch({ from: "/signed-in/keys/new" });
  const copied = useQuery({ ...keyQuery(prefill.copy ?? ""), enabled: Boolean(prefill.copy) });
  const keys = useQuery(myKeysQuery);
  // The only place where the key's text ever is; leaving the page lets go of it.
  const [minted, setMinted] = useState<MintedToken | null>(null);
  if (minted) {
    const leave = () => {
      setMinted(null);
      void navigate({ to: "/keys/$id", params: { id: minted.id } });
    };
    return (
      <Page title={minted.name ? t`Your new key: ${minted.name}` : t`Your new key`}>
        <SecretReveal minted={minted} done={leave} />
      </Page>
    );
  }
  return (
    <Page title={t`New key`}>
      {copied.isLoading && <Slow />}
      {copied.error && <ProblemAlert error={copied.error} />}
      {!copied.isLoading && (
        <KeyForm
          limits={me.limits}
          start={startForm(me.limits, prefill, copied.data ?? null)}
          groups={me.groups}
          others={keys.data?.filter((token) => !hasEnded(token))}
          minted={setMinted}
        />
      )}
    </Page>
  );
}
