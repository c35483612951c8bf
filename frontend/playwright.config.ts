import { defineConfig } from "@playwright/test";
import { chromium } from "./e2e/service";

// What a browser would look for elsewhere, it shall not.
const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export default defineConfig({
  testDir: "e2e",
  workers: 1,
  timeout: 120_000,
  reporter: "list",
  forbidOnly: true,
  outputDir: "build/e2e",
  use: {
    locale: "en-GB",
    launchOptions: { executablePath: chromium(), args: QUIET },
  },
  projects: [
    { name: "journeys", testIgnore: "screenshots.spec.ts" },
    { name: "screenshots", testMatch: "screenshots.spec.ts" },
  ],
});
