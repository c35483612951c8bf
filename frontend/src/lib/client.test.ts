import { describe, expect, it, vi } from "vitest";
import { act, call, nextCursor, queryString, rememberCsrf, whenSignedOut } from "./client";

function answering(answer: Response) {
  return vi.spyOn(globalThis, "fetch").mockResolvedValue(answer);
}

describe("a call", () => {
  it("carries the CSRF token exactly when it changes something", async () => {
    rememberCsrf("token");
    const fetched = answering(new Response("[]"));
    await call("/api/me/tokens");
    expect(fetched.mock.calls[0]?.[1]?.headers).not.toHaveProperty("x-csrf-token");
    fetched.mockResolvedValue(new Response(null, { status: 204 }));
    await act("/api/me/tokens/1", { method: "DELETE" });
    expect(fetched.mock.calls[1]?.[1]?.headers).toHaveProperty("x-csrf-token", "token");
  });

  it("tells of an ended session, but not of a refused sign-in", async () => {
    const ended = vi.fn();
    whenSignedOut(ended);
    const refused = (type: string) =>
      new Response(JSON.stringify({ type: `urn:gatelodge:problem:${type}` }), { status: 401 });
    answering(refused("sign-in-refused"));
    await expect(call("/api/session", { method: "POST" })).rejects.toThrow();
    expect(ended).not.toHaveBeenCalled();
    answering(refused("missing-credential"));
    await expect(call("/api/me")).rejects.toMatchObject({ status: 401 });
    expect(ended).toHaveBeenCalledOnce();
  });

  it("says so when nothing answers", async () => {
    vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("failed to fetch"));
    await expect(call("/api/me")).rejects.toMatchObject({ slug: "network", status: 0 });
  });
});

describe("a list", () => {
  it("continues where the link leads", () => {
    expect(nextCursor('</api/me/tokens?limit=2&cursor=a%2Fb>; rel="next"')).toBe("a/b");
    expect(nextCursor(null)).toBeNull();
    expect(nextCursor('</x?cursor=1>; rel="prev"')).toBeNull();
  });

  it("is asked for without what was left open", () => {
    expect(queryString({ a: 1, b: null, c: "", d: "x y", e: false })).toBe("?a=1&d=x+y&e=false");
  });
});
