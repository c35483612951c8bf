// Every page in turn, with what can stand on it, for whoever has a look.

import { expect, type Page } from "@playwright/test";
import { enter, knock, manyKeys, mint, settle } from "./pages";

export type Look = (name: string) => Promise<void>;

export async function everyPage(page: Page, url: string, look: Look): Promise<void> {
  const seen = async (name: string) => {
    await settle(page);
    await look(name);
  };
  const open = async (name: string, path: string) => {
    await page.goto(url + path);
    await seen(name);
  };
  await open("sign-in", "/sign-in");
  await open("sign-in-again", "/sign-in?problem=session-ended&request_id=4f2a");
  await open("welcome-broken", "/welcome");
  await open("welcome-used", "/welcome#not-a-link");
  await enter(page, url);
  await seen("keys-none");
  await open("new-key", "/keys/new?name=build&scopes=models:read");
  await page.getByText("The same as a command").click();
  await page.getByText("On a date").click();
  await seen("new-key-all");
  await theirLife(page, url, seen);
  await manyKeys(page, url);
  await open("keys", "/keys");
  await page.getByLabel("Choose nightly backup").check();
  await seen("keys-chosen");
  await page.getByRole("button", { name: "Actions for nightly backup" }).click();
  await page.getByRole("menuitem").first().waitFor();
  await seen("keys-menu");
  await page.keyboard.press("Escape");
  await open("keys-ended", "/keys?show=ended");
  await page.getByRole("button", { name: "Go to" }).click();
  await page.getByRole("combobox", { name: "Page or key" }).waitFor();
  await seen("go-to");
  await open("account", "/account");
  await open("help", "/help");
  await open("no-such-page", "/nothing/here");
  await open("no-such-key", "/keys/0000000000000000");
}

async function theirLife(page: Page, url: string, seen: Look): Promise<void> {
  const key = await mint(page, url, "build server");
  await knock(url, key);
  // What it did is written down within a second, and then on the page.
  await expect(async () => {
    await page.reload();
    await page.getByText("The same as a table").click({ timeout: 1000 });
  }).toPass();
  await seen("one-key");
  await page.getByRole("button", { name: "Rotate" }).click();
  await page.getByRole("dialog").waitFor();
  await seen("rotate");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Rename or narrow" }).click();
  await page.getByRole("dialog").getByLabel("Name").waitFor();
  await seen("narrow");
  await page.goto(`${url}/keys/new`);
  await page.getByLabel("Name").fill("shown");
  await page.getByRole("button", { name: "Create the key" }).click();
  await page.getByRole("button", { name: "Copy the key" }).waitFor();
  await seen("shown-once");
  await page.getByLabel("I have saved it").check();
  await page.getByRole("button", { name: "Done" }).click();
}
