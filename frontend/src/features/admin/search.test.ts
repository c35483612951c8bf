import { describe, expect, it } from "vitest";
import { parseAccounts, parseAllKeys, parseEvents, parsePeople, parseTrial } from "./search";

describe("an address", () => {
  it("of all keys means what it can and nothing else", () => {
    const search = { search: "a", owner: "corp:alice", concern: "too_broad", status: "active" };
    expect(parseAllKeys({ ...search, sort: "owner", desc: true })).toEqual({
      ...search,
      sort: "owner",
      desc: true,
    });
    expect(
      parseAllKeys({ search: {}, owner: "", concern: "x", status: "__proto__", sort: 1, desc: 1 }),
    ).toEqual({});
  });

  it("may hold names that are numbers", () => {
    expect(parsePeople({ search: 42, show: "disabled" })).toEqual({
      search: "42",
      show: "disabled",
    });
    expect(parseAccounts({ search: 7, show: "invited" })).toEqual({ search: "7", show: "invited" });
  });

  it("of the audit log holds days, not times", () => {
    expect(parseEvents({ since: "2026-11-24", until: "yesterday", action: "key.minted" })).toEqual({
      since: "2026-11-24",
      action: "key.minted",
    });
  });

  it("of a trial is texts", () => {
    expect(parseTrial({ gate: "app", method: ["GET"], url: "https://a.test/" })).toEqual({
      gate: "app",
      url: "https://a.test/",
    });
  });
});
