import { Trans, useLingui } from "@lingui/react/macro";
import {
  Badge,
  Button,
  Group,
  NativeSelect,
  Paper,
  SegmentedControl,
  Stack,
  Text,
  Title,
  useMantineColorScheme,
} from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouteContext, useRouter } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { BrowserSession } from "../api/contract";
import { Page } from "../components/page";
import { ProblemAlert } from "../components/problem-alert";
import { ShortcutSwitch } from "../components/shortcut-switch";
import { Slow } from "../components/slow";
import { RelativeTime } from "../components/time";
import { useToast } from "../components/toasts";
import { endOtherSessions, endSession, SESSIONS, sessionsQuery } from "../features/account/api";
import { SESSION, sessionQuery } from "../features/session/api";
import { PasswordForm } from "../features/session/password-form";
import { useConfig } from "../lib/config";
import { chooseLanguage, LANGUAGES, type Language, offeredLanguages } from "../lib/i18n";

export function AccountPage() {
  const { t } = useLingui();
  const { me } = useRouteContext({ from: "/signed-in" });
  const session = useQuery(sessionQuery);
  const toast = useToast();
  const queries = useQueryClient();
  const isBuiltIn = me.realm === "local" && session.data?.ways.password === true;
  const changed = () => {
    toast({ text: t`Your password is changed. Other sessions have ended.` });
    void queries.invalidateQueries({ queryKey: SESSION });
    void queries.invalidateQueries({ queryKey: SESSIONS });
  };
  return (
    <Page title={t`Account`}>
      <Section title={t`Profile`}>
        <dl className="gl-facts">
          <Fact term={t`Name`}>{me.name}</Fact>
          <Fact term={t`User`}>{me.owner}</Fact>
          <Fact term={t`Mail`}>{me.email}</Fact>
          <Fact term={t`Groups`}>{me.groups.join(", ")}</Fact>
        </dl>
      </Section>
      <Section title={t`Language and looks`}>
        <Group align="flex-end">
          <LanguageChoice />
          <ThemeChoice />
        </Group>
        <ShortcutSwitch />
      </Section>
      {isBuiltIn && (
        <Section title={t`Password`}>
          <PasswordForm done={changed} />
        </Section>
      )}
      <Section title={t`Where you are signed in`}>
        <Sessions />
      </Section>
    </Page>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper withBorder p="lg" component="section">
      <Stack>
        <Title order={2} size="h4">
          {title}
        </Title>
        {children}
      </Stack>
    </Paper>
  );
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  if (!children) return null;
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function LanguageChoice() {
  const { t, i18n } = useLingui();
  const offered = offeredLanguages(useConfig().languages);
  if (offered.length === 1) return null;
  return (
    <NativeSelect
      label={t`Language`}
      value={i18n.locale}
      onChange={(event) => void chooseLanguage(event.currentTarget.value as Language)}
      data={offered.map((value) => ({ value, label: LANGUAGES[value] }))}
    />
  );
}

function ThemeChoice() {
  const { t } = useLingui();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <SegmentedControl
      aria-label={t`Theme`}
      value={colorScheme}
      onChange={(scheme) => setColorScheme(scheme as typeof colorScheme)}
      data={[
        { value: "auto", label: t`As the system` },
        { value: "light", label: t`Light` },
        { value: "dark", label: t`Dark` },
      ]}
    />
  );
}

function Sessions() {
  const { t } = useLingui();
  const toast = useToast();
  const queries = useQueryClient();
  const router = useRouter();
  const sessions = useQuery(sessionsQuery);
  const [error, setError] = useState<unknown>(null);
  const end = async (work: Promise<unknown>, isOwn: boolean) => {
    try {
      await work;
      setError(null);
      if (isOwn) {
        queries.clear();
        await router.invalidate();
        return;
      }
      toast({ text: t`Signed out there.` });
    } catch (problem) {
      setError(problem);
    }
    await queries.invalidateQueries({ queryKey: SESSIONS });
  };
  const shown = error ?? sessions.error;
  return (
    <Stack>
      {shown !== null && <ProblemAlert error={shown} retry={() => void sessions.refetch()} />}
      {sessions.isPending && <Slow />}
      <ul className="gl-plain">
        {sessions.data?.map((session) => (
          <OneSession
            key={session.id}
            session={session}
            end={() => void end(endSession(session.id), session.current)}
          />
        ))}
      </ul>
      <Group gap="xs">
        <Button variant="default" onClick={() => void end(endOtherSessions(false), false)}>
          <Trans>Sign out everywhere else</Trans>
        </Button>
        <Button
          variant="outline"
          color="red"
          onClick={() => void end(endOtherSessions(true), true)}
        >
          <Trans>Sign out everywhere</Trans>
        </Button>
      </Group>
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
          <Group gap="xs">
            <Text fw={600}>{device}</Text>
            {session.current && (
              <Badge className="gl-badge" data-color="green" color="green" variant="light">
                <Trans>This one</Trans>
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed">
            {session.address} · <RelativeTime at={session.last_seen_at} />
          </Text>
        </div>
        <Button
          size="xs"
          variant="default"
          flex="none"
          aria-label={t`Sign out: ${device}`}
          onClick={end}
        >
          <Trans>Sign out</Trans>
        </Button>
      </Group>
    </li>
  );
}
