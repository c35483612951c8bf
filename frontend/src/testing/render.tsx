// A component as it stands in the portal: with language, looks, news, and a
// router that leads nowhere.

import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { vi } from "vitest";
import { Toasts } from "../components/toasts";

/** What the service answers, by method and path. */
export type Answers = Record<string, unknown>;

/** Answers in place of the service; gives what was asked, for looking at. */
export function serve(answers: Answers) {
  return vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const path = String(input).split("?")[0] ?? "";
    const body = answers[`${init?.method ?? "GET"} ${path}`];
    if (body === undefined) return new Response("{}", { status: 404 });
    return body instanceof Response ? body.clone() : Response.json(body);
  });
}

export async function show(children: ReactNode) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const root = createRootRoute({ component: () => children });
  const key = createRoute({ getParentRoute: () => root, path: "/keys/$id" });
  const router = createRouter({
    routeTree: root.addChildren([key]),
    history: createMemoryHistory({ initialEntries: ["/"] }),
  });
  await router.load();
  const shown = render(
    <I18nProvider i18n={i18n}>
      <MantineProvider env="test">
        <QueryClientProvider client={queries}>
          <Toasts>
            <RouterProvider router={router as never} />
          </Toasts>
        </QueryClientProvider>
      </MantineProvider>
    </I18nProvider>,
  );
  return { ...shown, queries, user: userEvent.setup() };
}
