// The table of one's keys: what the address says, several at once, CSV.

import { readFileSync } from "node:fs";
import { expect, type Locator, type Page } from "@playwright/test";
import { api, enter, knock, manyKeys, mint, test } from "./pages";

/** Looks until the table has the key's last use, which is written down within a second. */
async function shownAsUsed(page: Page, url: string, name: string): Promise<Locator> {
  const row = page.getByRole("row").filter({ hasText: name });
  const used = row.locator("time").filter({ hasText: /ago|now/ });
  await expect(async () => {
    await page.goto(`${url}/keys`);
    await expect(used).toHaveCount(1, { timeout: 1000 });
  }).toPass();
  return used;
}

test("search, filter, order and page stand in the address, and come back with it", async ({
  page,
  service,
}) => {
  const { url } = service;
  await enter(page, url);
  for (let number = 1; number <= 30; number++) {
    await api(page, url, "POST", "/api/me/tokens", {
      name: `robot ${String(number).padStart(2, "0")}`,
      scopes: [number % 2 === 0 ? "even:read" : "odd:read"],
    });
  }
  await page.goto(`${url}/keys`);
  await expect(page.getByText("30 found")).toBeVisible();
  const names = page.getByRole("row").getByRole("link");
  await expect(names).toHaveCount(25);
  await page.getByRole("button", { name: "Name" }).click();
  await expect(names.first()).toHaveText("robot 01");
  await page.getByRole("button", { name: "Name" }).click();
  await expect(names.first()).toHaveText("robot 30");
  await expect(page.getByRole("columnheader", { name: "Name" })).toHaveAttribute(
    "aria-sort",
    "descending",
  );
  await page.getByRole("button", { name: "Next page" }).click();
  await expect(names).toHaveText(["robot 05", "robot 04", "robot 03", "robot 02", "robot 01"]);
  await page.getByRole("searchbox").fill("even robot");
  await expect(page.getByText("15 found")).toBeVisible();
  await expect(page).toHaveURL(/search=even/);
  await page.reload();
  await expect(page.getByText("15 found")).toBeVisible();
  await expect(page.getByRole("searchbox")).toHaveValue("even robot");
  await expect(names.first()).toHaveText("robot 30");
  await names.first().click();
  await expect(page.getByRole("heading", { name: "robot 30" })).toBeVisible();
  await page.goBack();
  await expect(page.getByText("15 found")).toBeVisible();
  await page.goto(`${url}/keys?sort=__proto__&page=-4&show=everything`);
  await expect(page.getByText("30 found")).toBeVisible();
});

test("several go at once, after their number, and come back with one click", async ({
  page,
  service,
}) => {
  const { url } = service;
  await enter(page, url);
  const keys = await manyKeys(page, url);
  await shownAsUsed(page, url, "metrics");
  for (const name of ["demo for Thursday", "metrics"])
    await page.getByLabel(`Choose ${name}`).check();
  await page.getByRole("button", { name: "Revoke 2 keys" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("2 keys would be refused at once.");
  await dialog.getByRole("textbox").fill("2");
  await dialog.getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByText("Revoked: 2")).toBeVisible();
  const both = [keys["demo for Thursday"] ?? "", keys.metrics ?? ""];
  expect(await Promise.all(both.map((key) => knock(url, key)))).toEqual([401, 401]);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("Taken back: everything is as it was.")).toBeVisible();
  expect(await Promise.all(both.map((key) => knock(url, key)))).toEqual([204, 204]);
});

test("the table is taken along as CSV, and no name becomes a formula", async ({
  page,
  service,
}) => {
  const { url } = service;
  await enter(page, url);
  await api(page, url, "POST", "/api/me/tokens", { name: '=1+1,"x"', scopes: ["a:read"] });
  await page.goto(`${url}/keys`);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV" }).click();
  const text = readFileSync(await (await download).path(), "utf8");
  const [head, row] = text.split("\r\n");
  expect(head).toBe("id,name,status,scopes,created_at,expires_at,last_used_at");
  expect(row).toContain(`"'=1+1,""x"""`);
  expect(row).toContain(",active,a:read,");
});

test("the last use is told to the second, with its network, to whoever points at it", async ({
  page,
  service,
}) => {
  const { url } = service;
  await enter(page, url);
  const key = await mint(page, url, "robot");
  const headers = { authorization: `Bearer ${key}`, "x-forwarded-for": "192.0.2.7" };
  expect((await fetch(`${url}/forward-auth`, { headers })).status).toBe(204);
  await (await shownAsUsed(page, url, "robot")).hover();
  await expect(page.getByRole("tooltip")).toContainText(/\d:\d{2}:\d{2}.* · 192\.0\.2\.0\/24/);
});
