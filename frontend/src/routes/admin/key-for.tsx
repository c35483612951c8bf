import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useRouteContext } from "@tanstack/react-router";
import { useState } from "react";
import type { MintedToken } from "../../api/contract";
import { Page } from "../../components/page";
import { ProblemAlert } from "../../components/problem-alert";
import { Slow } from "../../components/slow";
import { personQuery } from "../../features/admin/api";
import { ActingFor } from "../../features/admin/components/acting-for";
import { keysOfQuery } from "../../features/keys/api";
import { KeyForm } from "../../features/keys/components/key-form";
import { SecretReveal } from "../../features/keys/components/secret-reveal";
import { startForm } from "../../features/keys/draft";
import { hasEnded } from "../../features/keys/filter";
import { keysOf, WhoseContext } from "../../features/keys/whose";

/** A new key for somebody else. */
export function KeyForPage() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { me } = useRouteContext({ from: "/signed-in" });
  const { owner } = useParams({ from: "/signed-in/admin/users/$owner/new-key" });
  const person = useQuery(personQuery(owner));
  const keys = useQuery(keysOfQuery(owner));
  // The only place where the key's text ever is; leaving the page lets go of it.
  const [minted, setMinted] = useState<MintedToken | null>(null);
  const leave = (id: string) => {
    setMinted(null);
    void navigate({ to: "/admin/users/$owner/keys/$id", params: { owner, id } });
  };
  return (
    <WhoseContext value={keysOf(owner)}>
      <Page title={minted ? t`The new key of ${owner}` : t`New key for ${owner}`}>
        <ActingFor owner={owner} />
        {person.error && <ProblemAlert error={person.error} />}
        {person.isPending && <Slow />}
        {minted && <SecretReveal minted={minted} done={() => leave(minted.id)} />}
        {!minted && person.data && (
          <KeyForm
            limits={me.limits}
            start={startForm(me.limits, {}, null)}
            groups={person.data.groups}
            others={keys.data?.filter((token) => !hasEnded(token))}
            minted={setMinted}
          />
        )}
      </Page>
    </WhoseContext>
  );
}
