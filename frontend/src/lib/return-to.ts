/**
 * A path of this very site to go back to, or null. The service checks what it
 * sends people to itself; this is for what the page does on its own.
 */
export function ownPath(text: string | null | undefined): string | null {
  if (!text?.startsWith("/")) return null;
  // Browsers drop tabs and line ends and read a backslash as a slash.
  if (/[\\\p{Cc}]/u.test(text)) return null;
  let url: URL;
  try {
    url = new URL(text, window.location.origin);
  } catch {
    return null;
  }
  if (url.origin !== window.location.origin || text.startsWith("//")) return null;
  // Back to where one signs in would be a loop.
  if (/^\/(sign-in|welcome|change-password)(\/|$)/.test(url.pathname)) return null;
  return url.pathname + url.search + url.hash;
}
