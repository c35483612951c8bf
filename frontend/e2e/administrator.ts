// What an administrator does more than once.

import type { Page } from "@playwright/test";
import { settle, signIn } from "./pages";

/** Signs in as the first administrator, who has a built-in account. */
export async function administer(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await signIn(page);
  await page.waitForURL(/\/keys/);
}

/** Makes an account, and gives the path of the link that sets its password. */
export async function invite(page: Page, url: string, username: string): Promise<string> {
  await page.goto(`${url}/admin/accounts`);
  await settle(page);
  await page.getByRole("button", { name: "Invite somebody" }).click();
  await page.getByLabel("User name").fill(username);
  await page.getByRole("combobox", { name: "Groups" }).fill("staff");
  await page.getByRole("combobox", { name: "Groups" }).press("Enter");
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  const link = new URL((await page.getByTestId("link").textContent()) ?? "");
  return link.pathname + link.hash;
}
