// All pages. What stands here is what every visit needs; each page's own code
// comes when it is opened.

import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { Slow } from "../components/slow";
import { parsePrefill } from "../features/keys/draft";
import { parseKeySearch } from "../features/keys/filter";
import { sessionQuery } from "../features/session/api";
import { ownPath } from "../lib/return-to";
import { ErrorPage, NotFoundPage } from "./error-page";
import { Shell } from "./shell";

interface Context {
  queries: QueryClient;
}

const root = createRootRouteWithContext<Context>()({
  component: Outlet,
  errorComponent: ErrorPage,
  notFoundComponent: NotFoundPage,
});

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/keys", replace: true });
  },
});

export interface SignInSearch {
  return_to?: string;
  problem?: string;
  request_id?: string;
  state?: string;
}

function parseSignIn(raw: Record<string, unknown>): SignInSearch {
  const text = (value: unknown) => (typeof value === "string" ? value : undefined);
  return {
    return_to: ownPath(text(raw.return_to)) ?? undefined,
    problem: text(raw.problem),
    request_id: text(raw.request_id),
    state: text(raw.state),
  };
}

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: parseSignIn,
  component: lazyRouteComponent(() => import("../routes/sign-in"), "SignInPage"),
});

const welcome = createRoute({
  getParentRoute: () => root,
  path: "/welcome",
  component: lazyRouteComponent(() => import("../routes/welcome"), "WelcomePage"),
});

const changePassword = createRoute({
  getParentRoute: () => root,
  path: "/change-password",
  component: lazyRouteComponent(() => import("../routes/change-password"), "ChangePasswordPage"),
});

/** Everything that only somebody who is signed in sees. */
const signedIn = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  beforeLoad: async ({ context, location }) => {
    const state = await context.queries.ensureQueryData(sessionQuery);
    if (!state.signed_in || state.me === null) {
      throw redirect({
        to: "/sign-in",
        search: { return_to: ownPath(location.href) ?? undefined },
      });
    }
    if (state.must_change_password) throw redirect({ to: "/change-password" });
    return { me: state.me };
  },
  component: Shell,
  errorComponent: ErrorPage,
  notFoundComponent: NotFoundPage,
});

const keys = createRoute({
  getParentRoute: () => signedIn,
  path: "/keys",
  validateSearch: parseKeySearch,
  component: lazyRouteComponent(() => import("../routes/keys"), "KeysPage"),
});

const newKey = createRoute({
  getParentRoute: () => signedIn,
  path: "/keys/new",
  validateSearch: parsePrefill,
  component: lazyRouteComponent(() => import("../routes/new-key"), "NewKeyPage"),
});

const oneKey = createRoute({
  getParentRoute: () => signedIn,
  path: "/keys/$id",
  component: lazyRouteComponent(() => import("../routes/one-key"), "OneKeyPage"),
});

const account = createRoute({
  getParentRoute: () => signedIn,
  path: "/account",
  component: lazyRouteComponent(() => import("../routes/account"), "AccountPage"),
});

const help = createRoute({
  getParentRoute: () => signedIn,
  path: "/help",
  component: lazyRouteComponent(() => import("../routes/help"), "HelpPage"),
});

const tree = root.addChildren([
  home,
  signIn,
  welcome,
  changePassword,
  signedIn.addChildren([keys, newKey, oneKey, account, help]),
]);

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queries },
    defaultPendingComponent: Slow,
    defaultPendingMs: 300,
    defaultPreload: false,
    scrollRestoration: false,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
  interface HistoryState {
    /** Where on the page to begin. */
    focus?: "search";
  }
}
