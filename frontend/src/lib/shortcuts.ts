// Keys that act by themselves. They can be switched off (WCAG 2.1.4), and they
// rest while somebody writes.

import { useSyncExternalStore } from "react";
import { keep, recall } from "./storage";

export type Shortcut = "palette" | "search" | "create" | "help";

const SINGLE: Record<string, Shortcut> = { "/": "search", c: "create", "?": "help" };
// Of an input, these kinds take no text.
const PRESSED = new Set(["button", "checkbox", "radio", "reset", "submit", "range", "file"]);

let areOn = recall("shortcuts") !== "off";
const listeners = new Set<() => void>();

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether they act, now and whenever that changes. */
export function useShortcutsOn(): boolean {
  return useSyncExternalStore(listen, () => areOn);
}

/** Switches them on or off, now and for later visits. */
export function switchShortcuts(on: boolean): void {
  areOn = on;
  keep("shortcuts", on ? null : "off");
  for (const listener of listeners) listener();
}

/** What a key that was pressed asks for, if anything. */
export function shortcutOf(event: KeyboardEvent): Shortcut | null {
  if (event.defaultPrevented || event.isComposing || event.repeat) return null;
  if (event.altKey || isWriting(event.target)) return null;
  if (event.ctrlKey || event.metaKey) {
    return event.key.toLowerCase() === "k" && !event.shiftKey ? "palette" : null;
  }
  return SINGLE[event.key] ?? null;
}

function isWriting(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return !PRESSED.has(target.type);
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLElement && target.isContentEditable;
}
