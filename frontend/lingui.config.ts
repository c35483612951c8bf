import { defineConfig } from "@lingui/cli";
import { formatter } from "@lingui/format-po";

export default defineConfig({
  sourceLocale: "en",
  locales: ["en", "de", "fr", "zh-Hans"],
  // The administration's texts come with its pages. First, since `*` of the other is its name too.
  catalogs: [
    {
      path: "<rootDir>/src/locales/admin-{locale}",
      include: ["<rootDir>/src/routes/admin", "<rootDir>/src/features/admin"],
    },
    {
      path: "<rootDir>/src/locales/{locale}",
      include: ["<rootDir>/src"],
      exclude: ["<rootDir>/src/routes/admin/**", "<rootDir>/src/features/admin/**"],
    },
  ],
  format: formatter({ lineNumbers: false, origins: false }),
  orderBy: "message",
});
