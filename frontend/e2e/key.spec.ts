// The life of a key, as whoever holds it sees it, on both stores.

import { expect } from "@playwright/test";
import { finish, liveThrough } from "./key-life";
import { ADA, enter, knock, mint, STORES, signIn, test, WITH_ADA } from "./pages";

for (const store of STORES) {
  test.describe(store, () => {
    test.use({ store, settings: WITH_ADA, permissions: ["clipboard-read", "clipboard-write"] });

    test("sign in, mint, copy, use, count, rotate, revoke", async ({ page, service }) => {
      const { url } = service;
      await page.goto(`${url}/keys`);
      await expect(page).toHaveURL(/\/sign-in\?return_to=/);
      await signIn(page, { ...ADA, password: "not this one" });
      await expect(page.getByRole("alert")).toContainText("That did not match");
      await signIn(page);
      await expect(page.getByRole("heading", { name: "Your first key" })).toBeVisible();

      await liveThrough(page, url);
    });
  });
}

test("a key that nobody used goes with one click and comes back with another", async ({
  page,
  service,
}) => {
  const { url } = service;
  await enter(page, url);
  const secret = await mint(page, url, "spare");
  await page.getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByText("spare is revoked and refused from now on.")).toBeVisible();
  expect(await knock(url, secret)).toBe(401);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("Taken back: everything is as it was.")).toBeVisible();
  expect(await knock(url, secret)).toBe(204);
});

test("a key is narrowed, and nothing can be added to it", async ({ page, service }) => {
  const { url } = service;
  await enter(page, url, "/keys/new?name=narrow&scopes=models:*&networks=10.0.0.0/8");
  await page.getByRole("button", { name: "Create the key" }).click();
  await finish(page);
  await page.getByRole("button", { name: "Rename or narrow" }).click();
  const dialog = page.getByRole("dialog");
  const networks = dialog.getByRole("combobox", { name: "Networks" });
  await networks.press("Backspace");
  await networks.pressSequentially("192.0.2.0/24,");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByText(/networks/i).last()).toBeVisible();
  await expect(networks).toHaveAttribute("aria-invalid", "true");
  await networks.press("Backspace");
  await networks.pressSequentially("10.1.0.0/16,");
  await dialog.getByRole("combobox", { name: "Methods" }).pressSequentially("GET,");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  const facts = page.getByRole("definition");
  await expect(facts.filter({ hasText: "10.1.0.0/16" })).toBeVisible();
  await expect(facts.filter({ hasText: /^GET$/ })).toBeVisible();
});

test("a new key takes over the rights of another", async ({ page, service }) => {
  const { url } = service;
  await enter(page, url, "/keys/new?name=first&scopes=models:read&hosts=api.example.com");
  await page.getByRole("button", { name: "Create the key" }).click();
  await finish(page);
  await page.goto(`${url}/keys/new`);
  await page.getByLabel("Name").fill("second");
  await page.getByLabel("With the rights of an existing key").selectOption({ index: 1 });
  await page.getByRole("button", { name: "Create the key" }).click();
  await finish(page);
  await expect(page.getByRole("heading", { name: "second" })).toBeVisible();
  await expect(page.getByText("models:read")).toBeVisible();
  await expect(page.getByText("api.example.com")).toBeVisible();
});
