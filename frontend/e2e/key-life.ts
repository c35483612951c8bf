// The life of a key in the pages, for whoever is signed in and has none yet.

import { expect, type Page } from "@playwright/test";
import { knock } from "./pages";

const SECOND_MS = 1000;

/** The text of a key that is shown once. */
async function revealed(page: Page): Promise<string> {
  const place = page.getByTestId("secret");
  expect(await place.textContent()).toMatch(/^glk_•+$/);
  await page.getByRole("button", { name: "Show", exact: true }).click();
  return (await place.textContent()) ?? "";
}

/** Leaves the page that shows a key once. */
export async function finish(page: Page): Promise<void> {
  await page.getByLabel("I have saved it").check();
  await page.getByRole("button", { name: "Done" }).click();
}

/** Mint, copy, use, count, rotate, revoke. */
export async function liveThrough(page: Page, url: string): Promise<void> {
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
}
