// All pages. What stands here is what every visit needs; each page's own code
// comes when it is opened.

import { t } from "@lingui/core/macro";
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
import {
  parseAccounts,
  parseAllKeys,
  parseEvents,
  parsePeople,
  parseTrial,
} from "../features/admin/search";
import { ADMIN_TEXTS } from "../features/admin/texts";
import { parsePrefill } from "../features/keys/draft";
import { parseKeySearch } from "../features/keys/filter";
import { sessionQuery } from "../features/session/api";
import { addTexts } from "../lib/i18n";
import { Problem } from "../lib/problem";
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

/** What only administrators see. The service asks again with each request. */
const admin = createRoute({
  getParentRoute: () => signedIn,
  path: "/admin",
  beforeLoad: async ({ context }) => {
    if (!context.me.admin) {
      throw new Problem({
        slug: "insufficient-rights",
        status: 403,
        title: t`Only administrators see this page.`,
        detail: t`Whoever runs this service says who they are.`,
      });
    }
    await addTexts(ADMIN_TEXTS);
  },
});

const adminHome = createRoute({
  getParentRoute: () => admin,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/admin/keys", replace: true });
  },
});

const allKeys = createRoute({
  getParentRoute: () => admin,
  path: "/keys",
  validateSearch: parseAllKeys,
  component: lazyRouteComponent(() => import("../routes/admin/all-keys"), "AllKeysPage"),
});

const people = createRoute({
  getParentRoute: () => admin,
  path: "/users",
  validateSearch: parsePeople,
  component: lazyRouteComponent(() => import("../routes/admin/users"), "UsersPage"),
});

const person = createRoute({
  getParentRoute: () => admin,
  path: "/users/$owner",
  component: lazyRouteComponent(() => import("../routes/admin/one-user"), "OneUserPage"),
});

const keyFor = createRoute({
  getParentRoute: () => admin,
  path: "/users/$owner/new-key",
  component: lazyRouteComponent(() => import("../routes/admin/key-for"), "KeyForPage"),
});

const keyOf = createRoute({
  getParentRoute: () => admin,
  path: "/users/$owner/keys/$id",
  component: lazyRouteComponent(() => import("../routes/admin/key-of"), "KeyOfPage"),
});

const accounts = createRoute({
  getParentRoute: () => admin,
  path: "/accounts",
  validateSearch: parseAccounts,
  component: lazyRouteComponent(() => import("../routes/admin/accounts"), "AccountsPage"),
});

const gates = createRoute({
  getParentRoute: () => admin,
  path: "/gates",
  component: lazyRouteComponent(() => import("../routes/admin/gates"), "GatesPage"),
});

const trial = createRoute({
  getParentRoute: () => admin,
  path: "/explain",
  validateSearch: parseTrial,
  component: lazyRouteComponent(() => import("../routes/admin/trial"), "TrialPage"),
});

const events = createRoute({
  getParentRoute: () => admin,
  path: "/events",
  validateSearch: parseEvents,
  component: lazyRouteComponent(() => import("../routes/admin/events"), "EventsPage"),
});

const health = createRoute({
  getParentRoute: () => admin,
  path: "/health",
  component: lazyRouteComponent(() => import("../routes/admin/health"), "HealthPage"),
});

const administration = admin.addChildren([
  adminHome,
  allKeys,
  people,
  person,
  keyFor,
  keyOf,
  accounts,
  gates,
  trial,
  events,
  health,
]);

const tree = root.addChildren([
  home,
  signIn,
  welcome,
  changePassword,
  signedIn.addChildren([keys, newKey, oneKey, account, help, administration]),
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
