import { expect, it } from "vitest";
import { ownPath } from "./return-to";

it.each(["/keys", "/keys?search=a%2Fb", "/admin/users#x"])("%s is ours", (path) => {
  expect(ownPath(path)).toBe(path);
});

it.each([
  "//evil.example",
  "/\\evil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  "https://evil.example/",
  "javascript:alert(1)",
  "evil",
  "",
  "/sign-in?return_to=/sign-in",
  "/..//evil.example/\\",
])("%j is not", (path) => {
  expect(ownPath(path)).toBeNull();
});
