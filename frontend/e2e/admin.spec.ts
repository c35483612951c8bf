// What an administrator does, through the real binary with a built-in account.

import { type BrowserContext, expect, type Page } from "@playwright/test";
import { fits, isAccessible } from "./accessible";
import { administer, invite } from "./administrator";
import { ADA, knock, mint, STORES, settle, test, WITH_ADA } from "./pages";

test.use({ settings: WITH_ADA });

const ANOTHER = "tungsten quibble ferns";

/** Somebody who accepts an invitation in a browser of their own, and mints a key. */
async function accept(context: BrowserContext, url: string, path: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url + path);
  await page.getByRole("textbox", { name: "New password" }).fill(ANOTHER);
  await page.getByRole("button", { name: /Set the password/ }).click();
  await page.waitForURL(/\/keys/);
  return page;
}

async function takeSecret(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Show", exact: true }).click();
  const secret = (await page.getByTestId("secret").textContent()) ?? "";
  await page.getByLabel("I have saved it").check();
  await page.getByRole("button", { name: "Done" }).click();
  return secret;
}

for (const store of STORES) {
  test.describe(store, () => {
    test.use({ store });
    test("somebody is invited, looked after, and let in no more", async ({
      page,
      browser,
      service: { url },
    }) => {
      await administer(page, url);
      const path = await invite(page, url, "alice");
      await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();
      await expect(page.getByRole("dialog")).toBeHidden();
      expect(await page.content()).not.toContain(path.split("#")[1]);
      await expect(page.getByRole("row", { name: /alice/ }).getByText("Invited")).toBeVisible();

      const theirs = await browser.newContext();
      const alice = await accept(theirs, url, path);
      const secret = await mint(alice, url, "build server");
      expect(await knock(url, secret)).toBe(204);
      await alice.goto(`${url}/admin/keys`);
      await expect(alice.getByRole("heading", { name: "This is not for you" })).toBeVisible();

      await page.getByRole("link", { name: "All keys" }).click();
      await page.getByLabel("Search").fill("build");
      await expect(page).toHaveURL(/search=build/);
      await expect(page.getByRole("link", { name: "build server" })).toBeVisible();
      await expect(page.getByRole("row")).toHaveCount(2);

      await page.getByRole("link", { name: "Would this pass?" }).click();
      await page.getByLabel("That of a key").check();
      await page.getByLabel("Key", { exact: true }).fill(secret);
      await expect(page.getByText(/only its id is kept/)).toBeVisible();
      await page.getByRole("button", { name: "Would this pass?" }).click();
      await expect(page.getByText("It would pass")).toBeVisible();
      await expect(
        page.getByRole("row", { name: /X-Authenticated-User\s+local:alice/ }),
      ).toBeVisible();
      expect((await page.content()) + page.url()).not.toContain(secret.slice(20));

      await page.goto(`${url}/admin/keys?search=build`);
      await page.getByLabel("Choose build server").check();
      await page.getByRole("button", { name: "Revoke 1 key" }).click();
      await expect(page.getByText("1 key would be refused at once.")).toBeVisible();
      expect(await knock(url, secret)).toBe(204);
      await page.getByLabel("Reason").fill("seen in a chat");
      await page.getByLabel("Type 1 to confirm").fill("1");
      await page.getByRole("button", { name: "Revoke", exact: true }).click();
      await expect(page.getByText("Revoked: 1")).toBeVisible();
      await expect.poll(() => knock(url, secret)).toBe(401);
      await page.getByRole("button", { name: "Undo" }).click();
      await expect(page.getByText("Taken back: 1 of 1")).toBeVisible();
      await expect.poll(() => knock(url, secret)).toBe(204);

      await page.goto(`${url}/admin/events?action=key.revocation_started`);
      await page.getByRole("button", { name: "Details: Revocation begun" }).click();
      await expect(page.getByRole("dialog").getByText("seen in a chat")).toBeVisible();
      await page.keyboard.press("Escape");
      const downloading = page.waitForEvent("download");
      await page.getByRole("link", { name: "CSV" }).click();
      expect((await downloading).suggestedFilename()).toBe("events.csv");

      await page.goto(`${url}/admin/users/local%3Aalice`);
      await page.getByRole("button", { name: "Disable" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Disable" }).click();
      await expect(page.getByText("Kept out")).toBeVisible();
      await expect.poll(() => knock(url, secret)).toBe(401);
      await alice.goto(`${url}/keys`);
      await expect(alice).toHaveURL(/\/sign-in/);
      await page.getByRole("button", { name: "Let them in again" }).click();
      await expect.poll(() => knock(url, secret)).toBe(204);
      await theirs.close();
    });
  });
}

test("an administrator makes and rotates a key for somebody else", async ({
  page,
  service: { url },
}) => {
  await administer(page, url);
  await invite(page, url, "bob");
  await page.goto(`${url}/admin/users/local%3Abob`);
  await page.getByRole("link", { name: "New key for them" }).click();
  await expect(page.getByText("You act for local:bob")).toBeVisible();
  await page.getByLabel("Name").fill("nightly");
  await page.getByRole("button", { name: "Create the key" }).click();
  const secret = await takeSecret(page);
  expect(await knock(url, secret)).toBe(204);
  await expect(page.getByRole("heading", { name: "nightly" })).toBeVisible();
  await expect(page.getByText("Key created")).toBeVisible();

  await page.getByRole("button", { name: "Rotate" }).click();
  await page.getByLabel("Not at all: it may have leaked").check();
  await page.getByRole("dialog").getByRole("button", { name: "Rotate" }).click();
  const successor = await takeSecret(page);
  expect(await knock(url, secret)).toBe(401);
  expect(await knock(url, successor)).toBe(204);
  await page.goto(`${url}/keys`);
  await expect(page.getByText("Your first key")).toBeVisible();
});

const PAGES = [
  "keys",
  "keys?concern=never_expires",
  "users",
  `users/local%3A${ADA.username}`,
  "users/local%3Acarol/new-key",
  "accounts",
  "gates",
  "explain",
  "events",
  "health",
  "users/nobody",
];

/** Each page of the administration, and its dialogs, when they have settled. */
async function everyPage(page: Page, url: string, look: () => Promise<void>): Promise<void> {
  const open = async (path: string) => {
    await page.goto(`${url}/admin/${path}`);
    await settle(page);
  };
  await invite(page, url, "carol");
  await look();
  await mint(page, url, "build server");
  for (const path of PAGES) {
    await open(path);
    await look();
  }
  await open("keys");
  await page.getByRole("link", { name: "build server" }).click();
  await expect(page.getByText("Key created")).toBeVisible();
  await look();
  await open("keys");
  await page
    .getByLabel(/^Choose (?!all)/)
    .first()
    .check();
  await page.getByRole("button", { name: /^Revoke/ }).click();
  await expect(page.getByLabel("Reason")).toBeFocused();
  await look();
  await open("events");
  await page
    .getByRole("button", { name: /^Details/ })
    .first()
    .click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await look();
  await open("accounts");
  await page.getByRole("button", { name: "Actions for carol" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await expect(page.getByLabel("Type carol to confirm")).toBeFocused();
  await look();
  await open("explain");
  await page.getByRole("button", { name: "Would this pass?" }).click();
  await expect(page.getByRole("heading", { name: "Rule by rule" })).toBeVisible();
  await look();
}

const DESK = { width: 1280, height: 860 };
const PHONE = { width: 390, height: 844 };

for (const colorScheme of ["light", "dark"] as const) {
  for (const viewport of [DESK, PHONE]) {
    test.describe(`${colorScheme} ${viewport.width}`, () => {
      test.use({ colorScheme, viewport });
      test("axe finds nothing in the administration", async ({ page, service: { url } }) => {
        await administer(page, url);
        await everyPage(page, url, async () => {
          await isAccessible(page);
          await fits(page);
        });
      });
    });
  }
}

for (const language of ["de", "fr", "zh-Hans", "en-XB"]) {
  test(`the administration fits at 400 % in ${language}`, async ({ page, service: { url } }) => {
    await administer(page, url);
    await invite(page, url, "carol");
    await page.setViewportSize({ width: 320, height: 256 });
    await page.evaluate((tag) => localStorage.setItem("gatelodge.language", tag), language);
    for (const path of PAGES) {
      await page.goto(`${url}/admin/${path}`);
      await settle(page);
      await fits(page);
    }
  });
}
