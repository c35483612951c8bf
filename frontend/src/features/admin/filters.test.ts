import { describe, expect, it } from "vitest";
import type { Account, Token } from "../../api/contract";
import { allKeysAsCsv } from "./export";
import {
  eventsFilter,
  exportPath,
  inOrder,
  isFiltered,
  isShownAccount,
  keysFilter,
  peopleFilter,
  sortedBy,
} from "./filters";

function key(part: Partial<Token>): Token {
  return {
    id: "1FvP0aXk27Qm9Zc4",
    name: "ci",
    display: null,
    kind: "native",
    status: "active",
    scopes: [],
    created_at: "2026-11-01T00:00:00Z",
    created_by: "alice",
    expires_at: null,
    last_used_at: null,
    disabled_at: null,
    rotated_from: null,
    rotated_to: null,
    grace_until: null,
    owner: "corp:alice",
    ...part,
  };
}

const names = (tokens: Token[]) => tokens.map(({ name }) => name);

describe("keys", () => {
  const tokens = [
    key({ name: "beta", expires_at: "2027-01-01T00:00:00Z" }),
    key({ name: "Alpha", owner: "corp:bob", created_at: "2026-11-02T00:00:00Z" }),
  ];

  it("are filtered by the service, and ordered by the page", () => {
    const search = { search: "x", concern: "never_expires", sort: "name" } as const;
    expect(keysFilter(search)).toEqual({ search: "x", filter: "never_expires" });
    expect(isFiltered({ sort: "name", desc: true })).toBe(false);
    expect(isFiltered({ status: "active" })).toBe(true);
  });

  it("stand with the newest first, or as asked for", () => {
    expect(names(inOrder(tokens, {}))).toEqual(["Alpha", "beta"]);
    expect(names(inOrder(tokens, { sort: "owner" }))).toEqual(["beta", "Alpha"]);
    expect(names(inOrder(tokens, { sort: "expires" }))).toEqual(["beta", "Alpha"]);
  });

  it("turn round under the same head", () => {
    expect(sortedBy({}, "name")).toEqual({ sort: "name", desc: undefined });
    expect(sortedBy({ sort: "name" }, "name")).toEqual({ sort: "name", desc: true });
    expect(sortedBy({ sort: "name", desc: true }, "name").desc).toBeUndefined();
    expect(sortedBy({}, "created")).toEqual({ sort: "created", desc: undefined });
  });

  it("leave as a table that says whose they are", () => {
    const [, row] = allKeysAsCsv([key({ scopes: ["a", "b"] })]).split("\r\n");
    expect(row).toContain("corp:alice,active,a b,");
  });
});

describe("the audit log", () => {
  it("goes from the first moment of a day to the last second of one", () => {
    const { since, until } = eventsFilter({ since: "2026-11-24", until: "2026-11-24" });
    const seconds = (Date.parse(String(until)) - Date.parse(String(since))) / 1000;
    expect(seconds).toBe(24 * 60 * 60 - 1);
  });

  it("is exported with the filters that it is shown with", () => {
    expect(exportPath({ action: "key.revoked", owner: "corp:a/b" }, "csv")).toBe(
      "/api/events?action=key.revoked&owner=corp%3Aa%2Fb&format=csv",
    );
    expect(exportPath({}, "jsonl")).toBe("/api/events?format=jsonl");
  });
});

it("people and accounts are shown by what they are", () => {
  expect(peopleFilter({ show: "disabled" })).toEqual({ disabled: true });
  expect(peopleFilter({ search: "a", show: "administrators" })).toEqual({
    search: "a",
    admin: true,
  });
  const account = {
    username: "alice",
    name: "Alice A.",
    email: null,
    groups: ["staff"],
    status: "invited",
  } as Account;
  expect(isShownAccount(account, { search: "ALICE staff", show: "invited" })).toBe(true);
  expect(isShownAccount(account, { search: "alice ops" })).toBe(false);
  expect(isShownAccount(account, { show: "disabled" })).toBe(false);
});
