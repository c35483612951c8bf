import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { DirectionProvider, MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useMemo } from "react";
import type { FrontendConfig, SessionState } from "../api/contract";
import { Toasts } from "../components/toasts";
import { SESSION } from "../features/session/api";
import { whenSignedOut } from "../lib/client";
import { ConfigContext } from "../lib/config";
import { styleNonce } from "../lib/nonce";
import { isProblem } from "../lib/problem";
import { ownPath } from "../lib/return-to";
import { makeRouter } from "./router";
import { colorScheme, makeTheme } from "./theme";

function makeQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        // What was refused will be refused again; only silence is worth a try.
        retry: (failures, error) =>
          failures < 2 && isProblem(error) && (error.status === 0 || error.status >= 502),
      },
    },
  });
}

export function App({ config }: { config: FrontendConfig }) {
  const theme = useMemo(() => makeTheme(config.accent_color ?? null), [config.accent_color]);
  const { queries, router } = useMemo(() => {
    const queries = makeQueries();
    const router = makeRouter(queries);
    whenSignedOut(() => {
      const wasSignedIn = queries.getQueryData<SessionState>(SESSION)?.signed_in === true;
      // Whatever was learned belongs to whose session is over.
      queries.clear();
      if (!wasSignedIn) return void router.invalidate();
      const return_to = ownPath(router.state.location.href) ?? undefined;
      void router.navigate({ to: "/sign-in", search: { return_to, problem: "session-ended" } });
    });
    return { queries, router };
  }, []);
  return (
    <I18nProvider i18n={i18n}>
      <ConfigContext value={config}>
        <DirectionProvider initialDirection="ltr" detectDirection>
          <MantineProvider
            theme={theme}
            defaultColorScheme="auto"
            colorSchemeManager={colorScheme}
            getStyleNonce={styleNonce}
          >
            <QueryClientProvider client={queries}>
              <Toasts>
                <RouterProvider router={router} />
              </Toasts>
            </QueryClientProvider>
          </MantineProvider>
        </DirectionProvider>
      </ConfigContext>
    </I18nProvider>
  );
}
