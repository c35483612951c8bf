// Everything without a mouse, and the keys that act by themselves.

import { expect, type Page } from "@playwright/test";
import { ADA, enter, knock, mint, settle, test, WITH_ADA } from "./pages";

/** Tab after Tab, until the focus is on what bears that name. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let step = 0; step < 60; step++) {
    await page.keyboard.press("Tab");
    const here = await page.evaluate(() => {
      const element = document.activeElement;
      const label = element?.getAttribute("aria-label");
      const labels = element instanceof HTMLInputElement ? [...(element.labels ?? [])] : [];
      const words = labels.map(({ textContent }) => textContent).join(" ");
      return label || words || element?.textContent || "";
    });
    if (name.test(here)) return;
  }
  throw new Error(`Tab never comes to ${name}`);
}

test.describe("without a mouse", () => {
  test.use({ settings: WITH_ADA });
  test("sign in, mint, rotate, revoke, sign out", async ({ page, service }) => {
    const { url } = service;
    const { keyboard } = page;
    await page.goto(`${url}/keys`);
    await expect(page.getByLabel("User name")).toBeFocused();
    await keyboard.type(ADA.username);
    await keyboard.press("Tab");
    await keyboard.type(ADA.password);
    await keyboard.press("Enter");
    await page.waitForURL(/\/keys$/);
    await settle(page);

    await keyboard.press("Tab");
    await tabTo(page, /^Create a key$/);
    await keyboard.press("Enter");
    await expect(page.getByLabel("Name")).toBeFocused();
    await keyboard.type("by hand");
    await tabTo(page, /^90 days$/);
    await keyboard.press("ArrowLeft");
    await expect(page.getByLabel("30 days")).toBeChecked();
    await tabTo(page, /^Create the key$/);
    await keyboard.press("Enter");
    await page.getByTestId("secret").waitFor();
    await tabTo(page, /^Show$/);
    await keyboard.press("Space");
    const secret = (await page.getByTestId("secret").textContent()) ?? "";
    expect(await knock(url, secret)).toBe(204);
    await tabTo(page, /^curl$/);
    await keyboard.press("ArrowRight");
    await expect(page.getByRole("tab", { name: ".env" })).toBeFocused();
    await tabTo(page, /^I have saved it$/);
    await keyboard.press("Space");
    await tabTo(page, /^Done$/);
    await keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1, name: "by hand" })).toBeFocused();

    await tabTo(page, /^Rotate$/);
    await keyboard.press("Enter");
    await expect(page.getByRole("dialog")).toBeVisible();
    await keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toBeHidden();
    await expect(page.getByRole("button", { name: "Rotate" })).toBeFocused();
    await tabTo(page, /^Revoke$/);
    await keyboard.press("Enter");
    const field = page.getByRole("dialog").getByRole("textbox");
    await expect(field).toBeFocused();
    await keyboard.type("by hand");
    await keyboard.press("Enter");
    await expect(page.getByText("Being revoked")).toBeVisible();
    expect(await knock(url, secret)).toBe(401);

    await keyboard.press("Control+k");
    await expect(page.getByRole("combobox", { name: "Page or key" })).toBeFocused();
    await keyboard.type("sign out");
    await keyboard.press("Enter");
    await page.waitForURL(/\/sign-in/);
  });
});

test("keys that act: search, create, help, go to", async ({ page, service }) => {
  const { url } = service;
  const { keyboard } = page;
  await enter(page, url);
  await mint(page, url, "release robot");
  await page.goto(`${url}/help`);
  await settle(page);
  await keyboard.press("/");
  await expect(page.getByRole("searchbox")).toBeFocused();
  await keyboard.type("c?/");
  await expect(page.getByRole("searchbox")).toHaveValue("c?/");
  await expect(page.getByRole("dialog")).toHaveCount(0);

  await page.getByRole("heading", { level: 1 }).focus();
  await keyboard.press("Shift+?");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  await keyboard.press("c");
  await expect(page).toHaveURL(/\/keys\?/);
  await keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.getByRole("heading", { level: 1 }).focus();
  await keyboard.press("c");
  await page.waitForURL(/\/keys\/new/);

  await page.getByRole("heading", { level: 1 }).focus();
  await keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Page or key" }).waitFor();
  await keyboard.type("robot");
  await expect(page.getByRole("dialog").getByRole("option")).toHaveCount(1);
  await keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "release robot" })).toBeVisible();
});

test("they can be switched off, and stay so", async ({ page, service }) => {
  const { url } = service;
  const { keyboard } = page;
  await enter(page, url, "/account");
  await page.getByLabel("Use keyboard shortcuts").uncheck();
  await page.reload();
  await settle(page);
  await expect(page.getByLabel("Use keyboard shortcuts")).not.toBeChecked();
  for (const key of ["c", "/", "Shift+?", "Control+k"]) await keyboard.press(key);
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page).toHaveURL(/\/account$/);
  await page.getByLabel("Use keyboard shortcuts").check();
  await page.getByRole("heading", { level: 1 }).focus();
  await keyboard.press("c");
  await page.waitForURL(/\/keys\/new/);
});
