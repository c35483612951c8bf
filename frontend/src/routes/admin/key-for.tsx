import { useLingui } from "@lingui/react/macro";
import { useNavigate, useParams, useRouteContext } from "@tanstack/react-router";
import { useState } from "react";
import type { MintedToken } from "../../api/contract";
import { Page } from "../../components/page";
import { ActingFor } from "../../features/admin/components/acting-for";
import { KeyForm } from "../../features/keys/components/key-form";
import { SecretReveal } from "../../features/keys/components/secret-reveal";
import { startForm } from "../../features/keys/draft";
import { keysOf, WhoseContext } from "../../features/keys/whose";

/** A new key for somebody else. */
export function KeyForPage() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { me } = useRouteContext({ from: "/signed-in" });
  const { owner } = useParams({ from: "/signed-in/admin/users/$owner/new-key" });
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
        {minted ? (
          <SecretReveal minted={minted} done={() => leave(minted.id)} />
        ) : (
          <KeyForm limits={me.limits} start={startForm(me.limits, {}, null)} minted={setMinted} />
        )}
      </Page>
    </WhoseContext>
  );
}
