import { Trans, useLingui } from "@lingui/react/macro";
import { AppShell, Burger, Container, Group, NavLink, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { Brand } from "../components/brand";
import { Icon } from "../components/icons";
import { NavigationLink } from "../components/links";
import { sessionQuery } from "../features/session/api";
import { useSignOut } from "../features/session/use-sign-out";
import { useConfig } from "../lib/config";
import { AdministrationLinks } from "./administration";
import { Shortcuts } from "./shortcuts";

export function Shell() {
  const { t } = useLingui();
  const [isOpen, { toggle, close }] = useDisclosure();
  return (
    <AppShell
      header={{ height: 60 }}
      navbar={{ width: 230, breakpoint: "sm", collapsed: { mobile: !isOpen } }}
      padding="md"
    >
      <a className="gl-skip" href="#main">
        <Trans>Skip to the content</Trans>
      </a>
      <AppShell.Header px="md">
        <Group h="100%" gap="sm">
          <Burger
            opened={isOpen}
            onClick={toggle}
            hiddenFrom="sm"
            size="sm"
            aria-label={isOpen ? t`Close the menu` : t`Open the menu`}
            aria-expanded={isOpen}
          />
          <Brand />
          <Shortcuts />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label={t`Main`}>
        <Navigation close={close} />
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        <Container size="xl" px={0}>
          <Outlet />
        </Container>
      </AppShell.Main>
    </AppShell>
  );
}

function Navigation({ close }: { close: () => void }) {
  const { t } = useLingui();
  const { api_docs_path } = useConfig();
  const { data } = useQuery(sessionQuery);
  const leave = useSignOut();
  const name = data?.me?.name ?? data?.me?.subject;
  return (
    <>
      <AppShell.Section grow>
        <NavigationLink
          to="/keys"
          label={t`My keys`}
          leftSection={<Icon name="key" />}
          onClick={close}
        />
        <NavigationLink
          to="/help"
          label={t`How to send a key`}
          leftSection={<Icon name="book" />}
          onClick={close}
        />
        <NavLink href={api_docs_path} label={t`API reference`} leftSection={<Icon name="list" />} />
        <AdministrationLinks close={close} />
      </AppShell.Section>
      <AppShell.Section>
        {name && (
          <Text size="sm" c="dimmed" px="sm" pb={4} truncate>
            {name}
          </Text>
        )}
        <NavigationLink
          to="/account"
          label={t`Account`}
          leftSection={<Icon name="user" />}
          onClick={close}
        />
        <NavLink
          component="button"
          label={t`Sign out`}
          leftSection={<Icon name="exit" />}
          onClick={() => void leave()}
        />
      </AppShell.Section>
    </>
  );
}
