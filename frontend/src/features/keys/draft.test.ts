import { describe, expect, it } from "vitest";
import type { Limits } from "../../api/contract";
import { key } from "../../testing/tokens";
import { curlPreview, draftOf, likeKey, linkTo, parsePrefill, presets, startForm } from "./draft";

const limits = (part: Partial<Limits> = {}): Limits => ({
  expiry_preset_days: [7, 30, 90],
  expiry_default_days: 90,
  expiry_max_days: 365,
  per_owner_max: 50,
  ...part,
});
const NOW = new Date("2026-11-24T12:00:00Z");

describe("a new key", () => {
  it("is offered no life that the maximum forbids", () => {
    expect(presets(limits({ expiry_max_days: 60 }))).toEqual([7, 30]);
    expect(presets(limits({ expiry_max_days: null }))).toEqual([7, 30, 90, 365]);
  });

  it("starts from what a link says, as far as that is allowed", () => {
    const prefill = parsePrefill({ name: 7, scopes: "a:read,b:write", expires: "30d", evil: "x" });
    expect(startForm(limits(), prefill, null)).toEqual({
      name: "7",
      expiry: "30",
      date: "",
      scopes: ["a:read", "b:write"],
      networks: [],
      hosts: [],
      paths: [],
      methods: [],
    });
    expect(startForm(limits(), { expires: "never" }, null).expiry).toBe("90");
    expect(startForm(limits(), { expires: "2027-01-31" }, null)).toMatchObject({
      expiry: "date",
      date: "2027-01-31",
    });
  });

  it("sends days, a time or never", () => {
    const form = startForm(limits({ expiry_max_days: null }), { name: " ci " }, null);
    expect(draftOf(form, NOW)).toEqual({ name: "ci", expires_in_days: 90, scopes: [] });
    expect(draftOf({ ...form, expiry: "never" }, NOW)).toMatchObject({ expires_at: "never" });
    const dated = draftOf({ ...form, expiry: "date", date: "2027-01-31" }, NOW);
    expect(dated.expires_at).toBe(new Date(2027, 0, 31, 23, 59, 59).toISOString());
  });

  it("takes the rights of another key, and neither its name nor its end", () => {
    const form = startForm(limits(), { name: "new", expires: "30d" }, null);
    const other = key({ name: "old", scopes: ["a:read"], hosts: ["api.example.com"] });
    const copied = likeKey(form, other);
    expect(copied).toEqual({ ...form, scopes: ["a:read"], hosts: ["api.example.com"] });
    expect(draftOf(copied, NOW)).toEqual({
      name: "new",
      expires_in_days: 30,
      scopes: ["a:read"],
      hosts: ["api.example.com"],
    });
  });

  it("can be linked to, and the link means the same", () => {
    const form = startForm(limits(), { name: "it's & more", scopes: "a b", paths: "/v1/**" }, null);
    const link = new URL(linkTo("https://lodge.example.com", form));
    expect(link.pathname).toBe("/keys/new");
    const prefill = parsePrefill(Object.fromEntries(link.searchParams));
    expect(startForm(limits(), prefill, null)).toEqual(form);
  });

  it("is a command that a shell takes, whatever its name", () => {
    const command = curlPreview("http://localhost:8080", { name: "it's", scopes: [] });
    expect(command).toContain(`"name": "it'\\''s"`);
  });
});
