import { expect, it } from "vitest";
import { type Shortcut, shortcutOf } from "./shortcuts";

function pressed(key: string, part: KeyboardEventInit = {}, on?: HTMLElement): Shortcut | null {
  let meaning: Shortcut | null = null;
  const hear = (event: KeyboardEvent) => {
    meaning = shortcutOf(event);
  };
  const place = on ?? document.body;
  if (on) document.body.append(on);
  document.addEventListener("keydown", hear, { once: true });
  place.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, ...part }));
  on?.remove();
  return meaning;
}

function input(type: string): HTMLElement {
  const element = document.createElement("input");
  element.type = type;
  return element;
}

it("a key means something by itself, or with Ctrl or Cmd", () => {
  expect(pressed("/")).toBe("search");
  expect(pressed("c")).toBe("create");
  expect(pressed("?", { shiftKey: true })).toBe("help");
  expect(pressed("k", { ctrlKey: true })).toBe("palette");
  expect(pressed("k", { metaKey: true })).toBe("palette");
});

it("what the browser or the system means by a key stays theirs", () => {
  expect(pressed("c", { ctrlKey: true })).toBeNull();
  expect(pressed("c", { altKey: true })).toBeNull();
  expect(pressed("K", { ctrlKey: true, shiftKey: true })).toBeNull();
  expect(pressed("k")).toBeNull();
  expect(pressed("c", { repeat: true })).toBeNull();
  expect(pressed("c", { isComposing: true })).toBeNull();
});

it("nothing acts while somebody writes", () => {
  for (const type of ["text", "search", "password", "date"]) {
    expect(pressed("c", {}, input(type))).toBeNull();
  }
  expect(pressed("/", {}, document.createElement("textarea"))).toBeNull();
  expect(pressed("c", {}, document.createElement("select"))).toBeNull();
  expect(pressed("c", {}, input("checkbox"))).toBe("create");
});
