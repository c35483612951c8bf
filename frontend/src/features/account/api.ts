import { queryOptions } from "@tanstack/react-query";
import type { BrowserSession } from "../../api/contract";
import { act, call, segment } from "../../lib/client";

export const SESSIONS = ["my-sessions"] as const;

export const sessionsQuery = queryOptions({
  queryKey: SESSIONS,
  queryFn: ({ signal }) => call<BrowserSession[]>("/api/me/sessions", { signal }),
});

export function endSession(id: string): Promise<void> {
  return act(`/api/me/sessions/${segment(id)}`, { method: "DELETE" });
}

/** All others, or with `all` this one too. */
export function endOtherSessions(all: boolean): Promise<{ ended: number }> {
  return call("/api/me/sessions", { method: "DELETE", query: { all: all || undefined } });
}
