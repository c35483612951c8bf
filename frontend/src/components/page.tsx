import { Group, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import { useConfig } from "../lib/config";

interface Props {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A page: its title also in the browser's tab and, on arrival, under the focus. */
export function Page({ title, lead, actions, children }: Props) {
  usePageTitle(title);
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="flex-start" gap="sm">
        <div className="gl-title">
          <PageHeading>{title}</PageHeading>
          {lead && (
            <Text c="dimmed" mt={4}>
              {lead}
            </Text>
          )}
        </div>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}

export function usePageTitle(title: string): void {
  const { app_name } = useConfig();
  useEffect(() => {
    document.title = `${title} · ${app_name}`;
  }, [title, app_name]);
}

/** Takes the focus when its page comes, so that a screen reader says where one is. */
export function PageHeading({ children }: { children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // A page with a field to write in has the focus there already.
    if (document.activeElement === document.body || document.activeElement === null) {
      heading.current?.focus({ preventScroll: true });
    }
  }, []);
  return (
    <Title order={1} size="h2" ref={heading} tabIndex={-1} className="gl-heading">
      {children}
    </Title>
  );
}
