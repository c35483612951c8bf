/** How a key begins and ends, as its holder sees it: `glk_…9Zc4` of its id. */
export function shortKey(token: { id: string; display: string | null }): string {
  const prefix = token.display?.match(/^([A-Za-z0-9_]*)_/)?.[1];
  return prefix ? `${prefix}_…${token.id.slice(-4)}` : `…${token.id.slice(-4)}`;
}

/** A secret with its middle hidden, as long as it is. */
export function masked(secret: string): string {
  const start = secret.indexOf("_") + 1;
  return secret.slice(0, start) + "•".repeat(Math.max(secret.length - start, 0));
}
