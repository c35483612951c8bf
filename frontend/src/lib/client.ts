// One way to the API: same origin, session cookie, CSRF token on everything
// that changes something, problems as exceptions.

import { networkProblem, problemOf } from "./problem";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Call {
  method?: Method;
  query?: Record<string, string | number | boolean | null | undefined>;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

let csrf: string | null = null;
let onSignedOut: () => void = () => {};

/** The token of this session; every unsafe request carries it. */
export function rememberCsrf(token: string | null): void {
  csrf = token;
}

/** What happens when the service says that nobody is signed in any more. */
export function whenSignedOut(act: () => void): void {
  onSignedOut = act;
}

export async function send(path: string, call: Call = {}): Promise<Response> {
  const method = call.method ?? "GET";
  const headers: Record<string, string> = { accept: "application/json", ...call.headers };
  if (call.body !== undefined) headers["content-type"] = "application/json";
  if (method !== "GET" && csrf !== null) headers["x-csrf-token"] = csrf;
  let answer: Response;
  try {
    answer = await fetch(path + queryString(call.query), {
      method,
      headers,
      credentials: "same-origin",
      // A secret in an answer must not outlive its page.
      cache: "no-store",
      redirect: "error",
      body: call.body === undefined ? null : JSON.stringify(call.body),
      signal: call.signal ?? null,
    });
  } catch (error) {
    if (call.signal?.aborted) throw error;
    throw networkProblem();
  }
  if (answer.ok) return answer;
  const problem = await problemOf(answer);
  if (problem.status === 401 && problem.slug !== "sign-in-refused") onSignedOut();
  throw problem;
}

/** The body of the answer, which is JSON. */
export async function call<T>(path: string, options?: Call): Promise<T> {
  const answer = await send(path, options);
  return (await answer.json()) as T;
}

/** For answers without a body. */
export async function act(path: string, options: Call): Promise<void> {
  await send(path, options);
}

/** One part of a list, and where the next begins. */
export interface Part<T> {
  items: T[];
  cursor: string | null;
}

export async function callPart<T>(path: string, options?: Call): Promise<Part<T>> {
  const answer = await send(path, options);
  return { items: (await answer.json()) as T[], cursor: nextCursor(answer.headers.get("link")) };
}

/** The cursor in `Link: </api/…?cursor=…>; rel="next"` (RFC 8288). */
export function nextCursor(link: string | null): string | null {
  const found = link?.match(/<([^>]*)>\s*;\s*rel="?next"?/);
  if (!found?.[1]) return null;
  return new URL(found[1], "http://localhost").searchParams.get("cursor");
}

export function queryString(query: Call["query"]): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}

/** A name as one segment of a path. */
export function segment(name: string): string {
  return encodeURIComponent(name);
}
