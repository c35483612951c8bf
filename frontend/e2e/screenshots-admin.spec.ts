// Pictures of the administration, to be looked at: make screenshots.

import type { Page } from "@playwright/test";
import { administer, invite } from "./administrator";
import { ADA, settle, test, WITH_ADA } from "./pages";

const LOOKS = [
  { theme: "light", width: 1280, height: 860 },
  { theme: "dark", width: 1280, height: 860 },
  { theme: "light", width: 390, height: 844 },
  { theme: "dark", width: 390, height: 844 },
] as const;

const PAGES = {
  keys: "keys",
  users: "users",
  user: `users/local%3A${ADA.username}`,
  "key-for": "users/local%3Acarol/new-key",
  accounts: "accounts",
  gates: "gates",
  explain: "explain",
  events: "events",
  health: "health",
};

const GATES = JSON.stringify([
  {
    name: "models",
    rules: [
      { hosts: ["api.example.com"], paths: ["/public/**"], allow: "anyone" },
      { hosts: ["api.example.com"], methods: ["GET"], scopes: ["models:read"] },
      { networks: ["10.0.0.0/8"], any_groups: ["staff", "ops"] },
      { allow: "nobody" },
    ],
  },
]);

// What moves would be pictured on its way.
test.use({
  settings: { ...WITH_ADA, GATELODGE_GATES: GATES },
  contextOptions: { reducedMotion: "reduce" },
});

async function fill(page: Page, url: string): Promise<void> {
  await administer(page, url);
  for (const username of ["carol", "dan"]) await invite(page, url, username);
  for (const [name, scope] of [
    ["build server", "models:*"],
    ["nightly report", "models:read"],
    ["a name that is rather long, as names of programs are", ""],
  ] as const) {
    await page.goto(`${url}/keys/new?name=${encodeURIComponent(name)}&scopes=${scope}`);
    await page.getByRole("button", { name: "Create the key" }).click();
    await page.getByLabel("I have saved it").check();
    await page.getByRole("button", { name: "Done" }).click();
  }
}

for (const { theme, width, height } of LOOKS) {
  test.describe(`${theme} ${width}`, () => {
    test.use({ colorScheme: theme, viewport: { width, height } });
    test("pictures of the administration", async ({ page, service: { url } }) => {
      const picture = (name: string, fullPage = true) =>
        page.screenshot({ path: `screenshots/admin-${name}-${theme}-${width}.png`, fullPage });
      await fill(page, url);
      for (const [name, path] of Object.entries(PAGES)) {
        await page.goto(`${url}/admin/${path}`);
        await settle(page);
        await picture(name);
      }
      await page.goto(`${url}/admin/keys`);
      await page.getByRole("link", { name: "build server" }).click();
      await page.getByRole("button", { name: "Rotate" }).waitFor();
      await page.waitForLoadState("networkidle");
      await picture("key-of");
      await page.goto(`${url}/admin/keys`);
      for (const name of ["build server", "nightly report"]) {
        await page.getByLabel(`Choose ${name}`).check();
      }
      await page.getByRole("button", { name: "Revoke 2 keys" }).click();
      await page.getByLabel("Reason").waitFor();
      await picture("revoke", false);
      await page.goto(`${url}/admin/events`);
      await page.getByRole("button", { name: "Details: Key created" }).first().click();
      await page.getByRole("dialog").waitFor();
      await picture("event", false);
      await page.goto(`${url}/admin/accounts`);
      await page.getByRole("button", { name: "Invite somebody" }).click();
      await page.getByRole("dialog").waitFor();
      await picture("invite", false);
      const request = "https://api.example.com/v1/models";
      await page.goto(`${url}/admin/explain?gate=models&url=${encodeURIComponent(request)}`);
      await page.getByRole("button", { name: "Would this pass?" }).click();
      await page.getByRole("heading", { name: "Rule by rule" }).waitFor();
      await picture("answer");
    });
  });
}
