import { lingui } from "@lingui/vite-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// `npm run dev` shows the pages as they are written, on a service that runs.
const SERVICE = process.env.GATELODGE_DEV_URL ?? "http://127.0.0.1:8080";

// The bundle is cut by route; what every page needs is one file that changes
// only with the libraries, so that a new version of ours is a small download.
const LIBRARIES = /node_modules\/(react|react-dom|scheduler|@tanstack|@lingui)\//;
// What most pages are made of is one file too: in many small ones it is larger.
const SHARED = /node_modules|src.(components|lib|api|features.session)/;
const SHARED_BY = 6;

export default defineConfig({
  plugins: [react({ babel: { plugins: ["@lingui/babel-plugin-lingui-macro"] } }), lingui()],
  build: {
    outDir: "build/site",
    emptyOutDir: true,
    // A data: URL would be a hole in the policy for no gain.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    // As old as light-dark() is; lowered, it would ask for more than it gives.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "libraries", test: LIBRARIES },
            { name: "shared", test: SHARED, minShareCount: SHARED_BY },
          ],
        },
      },
    },
  },
  server: {
    port: 5173,
    strictPort: true,
    proxy: Object.fromEntries(
      ["/api", "/auth", "/frontend", "/docs", "/forward-auth"].map((path) => [path, SERVICE]),
    ),
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}", "scripts/**/*.test.mjs"],
    setupFiles: ["src/testing/setup.ts"],
    restoreMocks: true,
    // A bound for what hangs, wide enough for a busy machine.
    testTimeout: 30_000,
  },
});
