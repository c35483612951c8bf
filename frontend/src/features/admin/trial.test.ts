import { describe, expect, it } from "vitest";
import { keyIdIn, questionOf, startTrial, trialSearch } from "./trial";

const ID = "1FvP0aXk27Qm9Zc4";
const SECRET = "s".repeat(49);

describe("what was pasted", () => {
  it.each([`glk_${ID}${SECRET}`, `secret-token:my_glk_${ID}${SECRET}`, ` ${ID}\n`, `glk_${ID}…`])(
    "%s holds a key's id",
    (text) => {
      expect(keyIdIn(text)).toBe(ID);
    },
  );

  it.each(["", "glk_", "hello world", `glk_${ID}cut`, "eyJhbGciOi.J9.x", "é".repeat(16)])(
    "%s holds none",
    (text) => {
      expect(keyIdIn(text)).toBeNull();
    },
  );

  it("may be the id of a key of before", () => {
    expect(keyIdIn("a1".repeat(32))).toBe("a1".repeat(32));
  });
});

describe("a trial", () => {
  it("starts as its address says, at a gate that there is", () => {
    const form = startTrial({ gate: "gone", key: `glk_${ID}${SECRET}` }, ["app", "default"]);
    expect(form).toMatchObject({ gate: "app", method: "GET", asker: "key", keyId: ID });
    expect(startTrial({ owner: "corp:alice" }, ["app"]).asker).toBe("owner");
  });

  it("asks for whom is chosen, and never holds a secret", () => {
    const form = startTrial({ gate: "app", key: `glk_${ID}${SECRET}`, owner: "corp:alice" }, [
      "app",
    ]);
    expect(questionOf(form)).toEqual({ method: "GET", key_id: ID });
    expect(questionOf({ ...form, asker: "owner" })).toEqual({ method: "GET", owner: "corp:alice" });
    expect(questionOf({ ...form, asker: "nobody" })).toEqual({ method: "GET" });
    expect(JSON.stringify(trialSearch(form))).not.toContain(SECRET);
  });
});
