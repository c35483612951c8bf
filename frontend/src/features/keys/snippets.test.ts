import { expect, it } from "vitest";
import { masked, shortKey } from "../../lib/mask";
import { objectName, snippets } from "./snippets";

it("a key's name becomes one that Kubernetes takes", () => {
  expect(objectName("CI, main Branch!")).toBe("ci-main-branch-key");
  expect(objectName("密钥")).toBe("gatelodge-key");
});

it("a masked key shows its prefix and its length only", () => {
  expect(masked("glk_abcdef")).toBe("glk_••••••");
  expect(shortKey({ id: "1FvP0aXk27Qm9Zc4", display: "glk_1FvP0aXk27Qm9Zc4…" })).toBe("glk_…9Zc4");
  expect(shortKey({ id: "aaaa1111", display: null })).toBe("…1111");
});

it("only what is to be pasted holds the key", () => {
  const texts = snippets("http://localhost", "ci", "glk_secret");
  const holding = texts.filter(({ text }) => text.includes("glk_secret")).map(({ id }) => id);
  expect(holding).toEqual(["curl", "env", "kubernetes", "openai"]);
});
