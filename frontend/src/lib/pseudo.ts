import type { Messages } from "@lingui/core";

const ACCENTED: Record<string, string> = {
  a: "á",
  c: "ç",
  e: "é",
  i: "í",
  n: "ñ",
  o: "ó",
  u: "ú",
  y: "ý",
  A: "Á",
  C: "Ç",
  E: "É",
  I: "Í",
  N: "Ñ",
  O: "Ó",
  U: "Ú",
  Y: "Ý",
};

/** Text that shows at a glance whether it went through the catalogue. */
export function stretched(text: string): string {
  const accented = text.replace(/<[^>]*>|[a-zA-Z]/g, (part) =>
    part.length === 1 ? (ACCENTED[part] ?? part) : part,
  );
  return text.trim().length > 3 ? `${accented}${"~".repeat(Math.ceil(text.length / 4))}` : accented;
}

/** A catalogue as Lingui compiles it: texts, and lists of texts and arguments. */
export function pseudo(messages: Messages): Messages {
  const each = (message: unknown): unknown => {
    if (typeof message === "string") return stretched(message);
    if (Array.isArray(message)) {
      return message.map((part) => (typeof part === "string" ? stretched(part) : part));
    }
    return message;
  };
  return Object.fromEntries(
    Object.entries(messages).map(([id, message]) => [id, each(message)]),
  ) as Messages;
}
