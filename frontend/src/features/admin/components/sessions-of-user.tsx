import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { BrowserSession } from "../../../api/contract";
import { ProblemAlert } from "../../../components/problem-alert";
import { Slow } from "../../../components/slow";
import { RelativeTime } from "../../../components/time";
import { useToast } from "../../../components/toasts";
import { endSessionOf, endSessionsOf, sessionsOfQuery } from "../api";

/** Where somebody is signed in. */
export function SessionsOfUser({ owner }: { owner: string }) {
  const { t } = useLingui();
  const toast = useToast();
  const queries = useQueryClient();
  const sessions = useQuery(sessionsOfQuery(owner));
  const [error, setError] = useState<unknown>(null);
  const end = async (work: Promise<unknown>) => {
    try {
      await work;
      setError(null);
      toast({ text: t`Signed out there.` });
    } catch (problem) {
      setError(problem);
    }
    await queries.invalidateQueries({ queryKey: sessionsOfQuery(owner).queryKey });
  };
  const shown = error ?? sessions.error;
  return (
    <Stack>
      {shown !== null && <ProblemAlert error={shown} retry={() => void sessions.refetch()} />}
      {sessions.isPending && <Slow />}
      {sessions.data?.length === 0 && (
        <Text c="dimmed">
          <Trans>Signed in nowhere.</Trans>
        </Text>
      )}
      {sessions.data && sessions.data.length > 0 && (
        <>
          <ul className="gl-plain">
            {sessions.data.map((session) => (
              <OneSession
                key={session.id}
                session={session}
                end={() => void end(endSessionOf(owner, session.id))}
              />
            ))}
          </ul>
          <Group>
            <Button variant="default" onClick={() => void end(endSessionsOf(owner))}>
              <Trans>Sign them out everywhere</Trans>
            </Button>
          </Group>
        </>
      )}
    </Stack>
  );
}

function OneSession({ session, end }: { session: BrowserSession; end: () => void }) {
  const { t } = useLingui();
  const device = [session.browser, session.system].filter(Boolean).join(" · ") || t`Unknown device`;
  return (
    <li>
      <Group justify="space-between" wrap="nowrap">
        <div>
          <Text fw={600}>{device}</Text>
          <Text size="sm" c="dimmed">
            {session.address} <RelativeTime at={session.last_seen_at} />
          </Text>
        </div>
        <Button size="xs" variant="default" aria-label={t`Sign out: ${device}`} onClick={end}>
          <Trans>Sign out</Trans>
        </Button>
      </Group>
    </li>
  );
}
