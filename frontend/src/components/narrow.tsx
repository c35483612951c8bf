import { Center, Container, Paper, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { Brand } from "./brand";
import { PageHeading, usePageTitle } from "./page";

/** A page with one thing to do: sign in, choose a password. */
export function NarrowPage({ title, children }: { title: string; children: ReactNode }) {
  usePageTitle(title);
  return (
    <Container component="main" size="26rem" py="xl" px="md">
      <Stack gap="lg">
        <Center>
          <Brand />
        </Center>
        <Paper withBorder p="lg">
          <Stack>
            <PageHeading>{title}</PageHeading>
            {children}
          </Stack>
        </Paper>
      </Stack>
    </Container>
  );
}
