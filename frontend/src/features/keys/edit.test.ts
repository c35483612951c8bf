import { expect, it } from "vitest";
import { key } from "../../testing/tokens";
import { editOf, startEdit } from "./edit";

it("sends what was changed and nothing else", () => {
  const token = key({ scopes: ["a:read", "b:read"], hosts: ["*.example.com"] });
  const start = startEdit(token);
  expect(editOf(token, start)).toEqual({});
  expect(editOf(token, { ...start, name: " other " })).toEqual({ name: "other" });
  expect(
    editOf(token, { ...start, scopes: ["a:read"], hosts: ["api.example.com"], methods: ["GET"] }),
  ).toEqual({ scopes: ["a:read"], hosts: ["api.example.com"], methods: ["GET"] });
  expect(editOf(token, { ...start, lastDay: "2027-01-31" })).toEqual({
    expires_at: new Date(2027, 0, 31, 23, 59, 59).toISOString(),
  });
});
