// What people see when something is not as it should be.

import { expect } from "@playwright/test";
import { enter, mint, settle, test } from "./pages";

test("a page that is not there says so", async ({ page, service }) => {
  await enter(page, service.url);
  await page.goto(`${service.url}/no/such/page`);
  await expect(page.getByRole("heading", { name: "There is no such page" })).toBeVisible();
  await page.getByRole("link", { name: "To my keys" }).click();
  await expect(page).toHaveURL(/\/keys$/);
  await page.goto(`${service.url}/keys/0000000000000000`);
  await expect(page.getByRole("heading", { name: "No such key" })).toBeVisible();
});

test("a session that is over leads to signing in and back", async ({ page, service }) => {
  const { url } = service;
  await enter(page, url);
  await mint(page, url, "robot");
  const here = page.url();
  // Ended from elsewhere: this page learns of it with its next request.
  const { cookies } = await page.context().storageState();
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const { csrf } = await fetch(`${url}/api/session`, { headers: { cookie } }).then((answer) =>
    answer.json(),
  );
  const ended = await fetch(`${url}/api/me/sessions?all=true`, {
    method: "DELETE",
    headers: { cookie, "x-csrf-token": csrf },
  });
  expect(ended.status).toBe(200);
  await page.getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByRole("alert")).toContainText("Your session is over");
  await page.getByRole("button", { name: /developer/ }).click();
  await expect(page).toHaveURL(here);
  await expect(page.getByRole("heading", { name: "robot" })).toBeVisible();
});

test.describe("a store that is gone", () => {
  test.use({ store: "valkey" });
  test("is said, with the id of the request and a way on", async ({ page, service, valkey }) => {
    const { url } = service;
    await enter(page, url);
    await valkey?.stop();
    const failed = page.waitForResponse((answer) => answer.status() === 503);
    await page.goto(`${url}/keys`);
    const id = (await failed).headers()["x-request-id"] ?? "";
    expect(id).not.toBe("");
    const alert = page.getByRole("alert");
    await expect(alert).toContainText("The service cannot do this at the moment");
    await expect(alert).toContainText(/Request id: \S+/);
    await valkey?.startAgain();
    await page.getByRole("button", { name: "Try again" }).click();
    // The new store is empty: nobody is signed in there.
    await expect(page.getByRole("button", { name: /developer/ })).toBeVisible();
  });
});

test("what takes long shows that it goes on, what does not shows nothing", async ({
  page,
  service,
}) => {
  await enter(page, service.url);
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route("**/api/me/tokens?*", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(`${service.url}/keys`);
  await expect(page.getByRole("status").filter({ hasText: "Loading" })).toBeVisible();
  release();
  await settle(page);
  await expect(page.getByRole("heading", { name: "Your first key" })).toBeVisible();
});
