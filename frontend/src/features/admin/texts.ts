import type { Texts } from "../../lib/i18n";

export const ADMIN_TEXTS: Texts = {
  en: () => import("../../locales/admin-en.po"),
  de: () => import("../../locales/admin-de.po"),
  fr: () => import("../../locales/admin-fr.po"),
  "zh-Hans": () => import("../../locales/admin-zh-Hans.po"),
};
