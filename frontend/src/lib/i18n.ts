// The languages, and how one is chosen: the person's own wish, then the
// browser's, then English.

import { i18n, type Messages } from "@lingui/core";
import { keep, recall } from "./storage";

/** Each in its own words. */
export const LANGUAGES = {
  en: "English",
  de: "Deutsch",
  fr: "Français",
  "zh-Hans": "简体中文",
} as const;

export type Language = keyof typeof LANGUAGES;

/** Not offered: English read from right to left and longer, to try pages with. */
export const PSEUDO = "en-XB";

/** Texts by language, each loaded when it is spoken. */
export type Texts = Record<Language, () => Promise<{ messages: Messages }>>;

const MAIN: Texts = {
  en: () => import("../locales/en.po"),
  de: () => import("../locales/de.po"),
  fr: () => import("../locales/fr.po"),
  "zh-Hans": () => import("../locales/zh-Hans.po"),
};

let spoken: Language | typeof PSEUDO = "en";
const parts = new Set<Texts>([MAIN]);

async function load(language: Language): Promise<Messages> {
  const loaded = await Promise.all([...parts].map((texts) => texts[language]()));
  return Object.assign({}, ...loaded.map(({ messages }) => messages));
}

/** Texts of pages that not everybody opens: from now on they are spoken, too. */
export async function addTexts(texts: Texts): Promise<void> {
  if (parts.has(texts)) return;
  parts.add(texts);
  try {
    await speak(spoken);
  } catch (error) {
    // Asked for again with the next page.
    parts.delete(texts);
    throw error;
  }
}

export function isLanguage(tag: string | null): tag is Language {
  return tag !== null && tag in LANGUAGES;
}

/** The language of ours that answers a wish such as `de-AT` or `zh-CN`. */
export function match(wish: string): Language | null {
  if (isLanguage(wish)) return wish;
  const [base] = wish.toLowerCase().split("-");
  if (base === "zh") return "zh-Hans";
  return isLanguage(base ?? null) ? (base as Language) : null;
}

/** Of those that the operator offers; all, where none is named. */
export function offeredLanguages(named: readonly string[] | undefined): Language[] {
  const all = Object.keys(LANGUAGES) as Language[];
  const offered = (named ?? []).filter((tag) => isLanguage(tag));
  return offered.length > 0 ? offered : all;
}

export function wishedLanguage(
  wishes: readonly string[],
  offered: readonly Language[] = offeredLanguages([]),
): Language | typeof PSEUDO {
  const own = recall("language");
  if (own === PSEUDO) return PSEUDO;
  for (const wish of [own, ...wishes]) {
    const language = wish && match(wish);
    if (language && offered.includes(language)) return language;
  }
  return offered[0] ?? "en";
}

export async function speak(language: Language | typeof PSEUDO): Promise<void> {
  if (language === PSEUDO) {
    const [{ pseudo }, messages] = await Promise.all([import("./pseudo"), load("en")]);
    i18n.loadAndActivate({ locale: "en", messages: pseudo(messages) });
  } else {
    i18n.loadAndActivate({ locale: language, messages: await load(language) });
  }
  spoken = language;
  document.documentElement.lang = language === PSEUDO ? "en" : language;
  document.documentElement.dir = language === PSEUDO ? "rtl" : "ltr";
}

/** Changes the language now and for later visits. */
export async function chooseLanguage(language: Language): Promise<void> {
  keep("language", language);
  await speak(language);
}
