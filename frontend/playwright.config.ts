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
  // Bounds for what hangs, wide enough for a busy machine.
  timeout: 240_000,
  reporter: "list",
  forbidOnly: true,
  outputDir: "build/e2e",
  expect: { timeout: 30_000 },
  use: {
    actionTimeout: 30_000,
    navigationTimeout: 60_000,
    locale: "en-GB",
    launchOptions: { executablePath: chromium(), args: QUIET },
  },
  projects: [
    { name: "journeys", testIgnore: "screenshots*.spec.ts" },
    { name: "screenshots", testMatch: "screenshots*.spec.ts" },
  ],
});
