// A key in the shapes that people paste it in.

export interface Snippet {
  id: "curl" | "env" | "kubernetes" | "actions" | "openai";
  text: string;
}

/** A name that Kubernetes takes (RFC 1123), made of the key's. */
export function objectName(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 50)
    .replace(/^-+|-+$/g, "");
  return plain === "" ? "gatelodge-key" : `${plain}-key`;
}

/**
 * For a secret that is shown, or for a masked one in its place.
 * A key is of letters, digits and `_`: it needs no quoting anywhere.
 */
export function snippets(origin: string, name: string, secret: string): Snippet[] {
  return [
    {
      id: "curl",
      text: `curl -i -H 'Authorization: Bearer ${secret}' ${origin}/forward-auth`,
    },
    { id: "env", text: `API_KEY=${secret}` },
    {
      id: "kubernetes",
      text: [
        "apiVersion: v1",
        "kind: Secret",
        "metadata:",
        `  name: ${objectName(name)}`,
        "type: Opaque",
        "stringData:",
        `  API_KEY: ${secret}`,
      ].join("\n"),
    },
    {
      id: "actions",
      text: [
        "# The GitHub command line asks for the key and keeps it out of the history.",
        "gh secret set API_KEY",
        "",
        "# .github/workflows/…",
        "env:",
        "  API_KEY: ${{ secrets.API_KEY }}",
      ].join("\n"),
    },
    {
      id: "openai",
      text: [
        "from openai import OpenAI",
        "",
        "client = OpenAI(",
        '    base_url="https://api.example.com/v1",',
        `    api_key="${secret}",`,
        ")",
      ].join("\n"),
    },
  ];
}
