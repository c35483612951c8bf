// Pictures of every page, to be looked at: make screenshots.

import { test } from "./pages";

const PAGES = ["sign-in", "keys", "keys/new", "account", "help", "nothing/here"];
const LOOKS = [
  { theme: "light", width: 1280, height: 860 },
  { theme: "dark", width: 1280, height: 860 },
  { theme: "light", width: 390, height: 844 },
  { theme: "dark", width: 390, height: 844 },
] as const;

for (const { theme, width, height } of LOOKS) {
  test.describe(`${theme} ${width}`, () => {
    test.use({ colorScheme: theme, viewport: { width, height } });
    test("pictures", async ({ page, context, service }) => {
      const { url } = service;
      for (const path of PAGES) {
        if (path === "sign-in") await context.clearCookies();
        await page.goto(`${url}/${path}`);
        await page.locator("h1").waitFor();
        await page.waitForLoadState("networkidle");
        const name = path.replaceAll("/", "-");
        await page.screenshot({
          path: `screenshots/${name}-${theme}-${width}.png`,
          fullPage: true,
        });
        if (path === "sign-in") await page.getByRole("button", { name: /developer/ }).click();
        if (path === "sign-in") await page.waitForURL(/\/keys/);
        if (path === "keys/new") {
          await page.getByLabel("Name").fill("build server");
          await page.getByRole("button", { name: "Create the key" }).click();
          await page.getByRole("button", { name: "Copy the key" }).waitFor();
          await page.screenshot({
            path: `screenshots/shown-once-${theme}-${width}.png`,
            fullPage: true,
          });
          await page.getByLabel("I have saved it").check();
          await page.getByRole("button", { name: "Done" }).click();
          await page.getByRole("button", { name: "Rotate" }).waitFor();
          await page.waitForLoadState("networkidle");
          await page.screenshot({
            path: `screenshots/one-key-${theme}-${width}.png`,
            fullPage: true,
          });
          await page.goto(`${url}/keys`);
          await page.getByRole("table").waitFor();
          await page.screenshot({
            path: `screenshots/keys-some-${theme}-${width}.png`,
            fullPage: true,
          });
        }
      }
    });
  });
}
