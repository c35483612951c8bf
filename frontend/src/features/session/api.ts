import { queryOptions } from "@tanstack/react-query";
import type { SessionState, SignedIn } from "../../api/contract";
import { act, call, rememberCsrf, segment } from "../../lib/client";

export const SESSION = ["session"] as const;

/** Who is signed in, if anybody, and how one could. */
export const sessionQuery = queryOptions({
  queryKey: SESSION,
  queryFn: async ({ signal }) => {
    const state = await call<SessionState>("/api/session", { signal });
    rememberCsrf(state.csrf);
    return state;
  },
  staleTime: 60_000,
});

export function signIn(username: string, password: string, returnTo: string | null) {
  return call<SignedIn>("/api/session", {
    method: "POST",
    body: { username, password, ...(returnTo && { return_to: returnTo }) },
  });
}

export function signInAsDeveloper(returnTo: string | null) {
  return call<SignedIn>("/api/session/dev", {
    method: "POST",
    body: { ...(returnTo && { return_to: returnTo }) },
  });
}

/** Ends the session; where to go next, if the provider has a word in it. */
export function signOut(): Promise<{ redirect: string | null }> {
  return call("/api/session", { method: "DELETE" });
}

/** The page of the service that leads to a provider's. */
export function providerUrl(id: string, returnTo: string | null): string {
  const query = returnTo ? `?return_to=${encodeURIComponent(returnTo)}` : "";
  return `/auth/${segment(id)}/start${query}`;
}

export function changePassword(current: string, fresh: string): Promise<void> {
  return act("/api/me/password", {
    method: "PUT",
    body: { current_password: current, new_password: fresh },
  });
}

export interface Welcome {
  username: string;
  purpose: "invitation" | "reset";
  expires_at: string;
}

export function lookAtLink(token: string): Promise<Welcome> {
  return call("/api/welcome/look", { method: "POST", body: { token } });
}

export function acceptLink(token: string, password: string): Promise<SignedIn> {
  return call("/api/welcome", { method: "POST", body: { token, password } });
}
