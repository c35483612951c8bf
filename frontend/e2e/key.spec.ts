// The life of a key, as whoever holds it sees it, on both stores.

import { expect, type Page } from "@playwright/test";
import { ADA, enter, knock, mint, STORES, signIn, test, WITH_ADA } from "./pages";

const SECOND_MS = 1000;

async function revealed(page: Page): Promise<string> {
  const place = page.getByTestId("secret");
  expect(await place.textContent()).toMatch(/^glk_•+$/);
  await page.getByRole("button", { name: "Show", exact: true }).click();
  return (await place.textContent()) ?? "";
}

async function finish(page: Page): Promise<void> {
  await page.getByLabel("I have saved it").check();
  await page.getByRole("button", { name: "Done" }).click();
}

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

      await page.getByRole("link", { name: "Create a key" }).click();
      await expect(page.getByLabel("Name")).toBeFocused();
      await page.getByLabel("Name").fill("build server");
      await page.getByText("The same as a command").click();
      await expect(page.getByText('"name": "build server"')).toBeVisible();
      await page.getByRole("button", { name: "Create the key" }).click();

      await expect(page.getByText("Waiting for its first use")).toBeVisible();
      const secret = await revealed(page);
      await page.getByRole("button", { name: "Copy the key" }).click();
      await expect(page.getByText("The key is on the clipboard.")).toBeVisible();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(secret);
      expect(await knock(url, secret)).toBe(204);
      await expect(page.getByText("It works: the key passed the gate.")).toBeVisible();
      await finish(page);
      await expect(page.getByRole("heading", { name: "build server" })).toBeVisible();
      expect(await page.content()).not.toContain(secret);
      await expect(page.getByRole("img", { name: "1 let in, 0 refused" })).toBeVisible();

      await page.getByRole("button", { name: "Rotate" }).click();
      await page.getByLabel("Not at all: it may have leaked").check();
      await page.getByRole("dialog").getByRole("button", { name: "Rotate" }).click();
      const fresh = await revealed(page);
      expect(fresh).not.toBe(secret);
      expect([await knock(url, secret), await knock(url, fresh)]).toEqual([401, 204]);
      await expect(page.getByText("It works: the key passed the gate.")).toBeVisible();
      await finish(page);
      await expect(page.getByText("Took the place of")).toBeVisible();

      await page.getByRole("button", { name: "Revoke" }).click();
      const dialog = page.getByRole("dialog");
      await expect(dialog).toContainText("It served 1 call today.");
      const revoke = dialog.getByRole("button", { name: "Revoke" });
      await expect(revoke).toBeDisabled();
      await dialog.getByLabel("Type build server to confirm").fill("build server");
      await revoke.click();
      await expect(dialog).toBeHidden();
      await expect.poll(() => knock(url, fresh), { timeout: SECOND_MS }).toBe(401);
      await expect(page.getByText("Being revoked")).toBeVisible();

      await page.getByRole("link", { name: "My keys" }).click();
      await page.getByText("Ended", { exact: true }).click();
      await expect(page).toHaveURL(/show=ended/);
      const old = page.getByRole("row").filter({ hasText: "build server" });
      await expect(old).toContainText("Replaced");
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
