import { describe, expect, it } from "vitest";
import { problemOf } from "./problem";

const answer = (body: BodyInit, headers: HeadersInit = {}) =>
  new Response(body, { status: 400, statusText: "Bad Request", headers });

describe("a problem", () => {
  it("is read with its field, its name and its request id", async () => {
    const body = {
      type: "urn:gatelodge:problem:invalid-field",
      title: "A field cannot be accepted",
      detail: "must be at least 1",
      field: "expires_in_days",
      request_id: "r-1",
    };
    const problem = await problemOf(answer(JSON.stringify(body), { "retry-after": "7" }));
    expect(problem).toMatchObject({
      slug: "invalid-field",
      status: 400,
      message: "A field cannot be accepted",
      detail: "must be at least 1",
      field: "expires_in_days",
      requestId: "r-1",
      retryAfterSeconds: 7,
    });
  });

  it("is made even of a page that a proxy in between answered", async () => {
    const problem = await problemOf(answer("<h1>Bad gateway</h1>", { "x-request-id": "r-2" }));
    expect(problem).toMatchObject({ slug: "http-400", detail: "", requestId: "r-2" });
  });
});
