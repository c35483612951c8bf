import { Trans, useLingui } from "@lingui/react/macro";
import { Anchor, Stack, Text, Title } from "@mantine/core";
import { useEffect, useRef } from "react";
import { Page } from "../components/page";
import { useConfig } from "../lib/config";
import { sanitised } from "../lib/sanitise";

export function HelpPage() {
  const { t } = useLingui();
  const { docs_html, api_docs_path } = useConfig();
  const gate = `${window.location.origin}/forward-auth`;
  return (
    <Page title={t`How to send a key`}>
      <Stack maw={760}>
        <Text>
          <Trans>
            Send the key in a header with every request, and in no address: addresses end up in
            logs.
          </Trans>
        </Text>
        <pre className="gl-code">{`curl -H "Authorization: Bearer $API_KEY" ${gate}`}</pre>
        <Text>
          <Trans>
            Programs that only know user names and passwords send it as the password, with any user
            name:
          </Trans>
        </Text>
        <pre className="gl-code">{`curl -u "any:$API_KEY" ${gate}`}</pre>
        <Title order={2} size="h4">
          <Trans>When it is refused</Trans>
        </Title>
        <dl className="gl-facts">
          <div>
            <dt>401</dt>
            <dd>
              <Trans>
                The key is missing, mistyped, ended or revoked. Look at it under “My keys”.
              </Trans>
            </dd>
          </div>
          <div>
            <dt>403</dt>
            <dd>
              <Trans>The key is good but lacks a scope, or you lack a group.</Trans>
            </dd>
          </div>
          <div>
            <dt>503</dt>
            <dd>
              <Trans>Nothing could be decided just now. Try again shortly.</Trans>
            </dd>
          </div>
        </dl>
        {docs_html && <OperatorsWords html={docs_html} />}
        <Text>
          <Anchor href={api_docs_path}>
            <Trans>API reference</Trans>
          </Anchor>
        </Text>
      </Stack>
    </Page>
  );
}

function OperatorsWords({ html }: { html: string }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.replaceChildren(sanitised(html)), [html]);
  return <div ref={place} className="gl-words" />;
}
