import { describe, expect, it } from "vitest";
import type { Token } from "../../api/contract";
import { key } from "../../testing/tokens";
import { endsSoon, PAGE_SIZE, pageOf, parseKeySearch } from "./filter";

const names = (tokens: Token[]) => tokens.map((token) => token.name);

describe("an address", () => {
  it("means what it can and nothing else", () => {
    expect(
      parseKeySearch({ search: "a", show: "ended", sort: "used", desc: true, page: 2 }),
    ).toEqual({ search: "a", show: "ended", sort: "used", desc: true, page: 2 });
    expect(parseKeySearch({ search: 7, show: "x", sort: "__proto__", page: -1 })).toEqual({});
  });
});

describe("the table", () => {
  const tokens = [
    key({ name: "beta", scopes: ["models:read"], expires_at: "2027-01-01T00:00:00Z" }),
    key({ name: "Alpha", created_at: "2026-11-02T00:00:00Z" }),
    key({ name: "old", status: "revoked" }),
  ];

  it("shows what is in use, the newest first", () => {
    expect(names(pageOf(tokens, {}).tokens)).toEqual(["Alpha", "beta"]);
    expect(names(pageOf(tokens, { show: "ended" }).tokens)).toEqual(["old"]);
    expect(pageOf(tokens, { show: "all" }).total).toBe(3);
  });

  it("finds all words, wherever they stand", () => {
    expect(names(pageOf(tokens, { search: "BETA models" }).tokens)).toEqual(["beta"]);
    expect(pageOf(tokens, { search: "beta nothing" }).total).toBe(0);
  });

  it("puts what never ends after what ends", () => {
    expect(names(pageOf(tokens, { sort: "expires" }).tokens)).toEqual(["beta", "Alpha"]);
    expect(names(pageOf(tokens, { sort: "name", desc: true }).tokens)).toEqual(["beta", "Alpha"]);
  });

  it("goes no further than its last page", () => {
    const many = Array.from({ length: PAGE_SIZE + 1 }, (_, place) => key({ name: `${place}` }));
    expect(pageOf(many, { page: 9 })).toMatchObject({ page: 2, pages: 2, total: PAGE_SIZE + 1 });
  });
});

it("a key ends soon within a week, and not afterwards", () => {
  const now = new Date("2026-11-24T00:00:00Z");
  expect(endsSoon(key({ expires_at: "2026-11-30T00:00:00Z" }), now)).toBe(true);
  expect(endsSoon(key({ expires_at: "2026-12-24T00:00:00Z" }), now)).toBe(false);
  expect(endsSoon(key({ expires_at: "2026-11-23T00:00:00Z" }), now)).toBe(false);
});
