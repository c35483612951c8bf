import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { DirectionProvider, MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useMemo } from "react";
import type { FrontendConfig } from "../api/contract";
import { Toasts } from "../components/toasts";
import { SESSION } from "../features/session/api";
import { whenSignedOut } from "../lib/client";
import { ConfigContext } from "../lib/config";
import { styleNonce } from "../lib/nonce";
import { isProblem } from "../lib/problem";
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
      // The router looks again, and sends whoever is nobody now to sign in.
      queries.removeQueries({ queryKey: SESSION });
      void router.invalidate();
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
