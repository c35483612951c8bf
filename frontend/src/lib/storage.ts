// What a browser keeps for us between visits: tastes, never secrets. It may
// refuse to keep anything; then the tastes last as long as the page.

export type Taste = "theme" | "language" | "shortcuts";

const PREFIX = "gatelodge.";

export function recall(taste: Taste): string | null {
  try {
    return localStorage.getItem(PREFIX + taste);
  } catch {
    return null;
  }
}

export function keep(taste: Taste, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + taste);
    else localStorage.setItem(PREFIX + taste, value);
  } catch {
    // Kept for this page only.
  }
}
