import { readFileSync } from "node:fs";
import { join } from "node:path";
import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { renderHook } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { ACTIONS, isAction, useEventWords } from "./words";

const SERVICE = "../../../../src/domain/audit.rs";

function words() {
  const { result } = renderHook(() => useEventWords(), {
    wrapper: ({ children }) => <I18nProvider i18n={i18n}>{children}</I18nProvider>,
  });
  return result.current;
}

describe("an event", () => {
  it("has words of its own, whatever was done", () => {
    const all = ACTIONS.map(words());
    expect(new Set(all).size).toBe(ACTIONS.length);
    for (const action of ACTIONS) expect(all).not.toContain(action);
  });

  it("of a newer service keeps its name", () => {
    expect(words()("key.polished")).toBe("key.polished");
    expect(isAction("toString")).toBe(false);
  });

  it("of this service is known", () => {
    const source = readFileSync(join(import.meta.dirname, SERVICE), "utf8");
    const [, list = ""] = source.match(/^actions! \{$(.*?)^\}$/ms) ?? [];
    const actions = [...list.matchAll(/= "([^"]+)",/g)].map(([, word]) => word);
    expect(actions).toEqual([...ACTIONS]);
  });
});
