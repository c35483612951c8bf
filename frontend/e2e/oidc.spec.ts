// Signing in at the real OpenID provider of the tests, and out again there.

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";
import { liveThrough } from "./key-life";
import { knock, mint, STORES, settle } from "./pages";
import { type Service, start } from "./service";
import { freePort, startValkey } from "./valkey";

const READY_WITHIN_MS = 30_000;
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

interface House extends Service {
  provider: Provider;
}

interface Provider {
  issuer: string;
  stop: () => Promise<void>;
}

async function startProvider(lodge: string): Promise<Provider> {
  const port = await freePort();
  const script = join(import.meta.dirname, "../../tests/parts/oidc-provider.mjs");
  const provider = spawn(process.execPath, [script, String(port)], {
    env: { PATH: "/usr/bin:/bin", LODGE_URL: lodge },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = async () => {
    const ended = new Promise((resolve) => provider.once("exit", resolve));
    if (provider.exitCode === null && provider.kill("SIGKILL")) await ended;
  };
  try {
    await says(provider, "listening");
  } catch (error) {
    await stop();
    throw error;
  }
  return { issuer: `http://127.0.0.1:${port}`, stop };
}

function says(part: ChildProcess, word: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    const fail = (why: string) => reject(new Error(`the provider ${why}:\n${said}`));
    const timer = setTimeout(() => fail("did not start in time"), READY_WITHIN_MS);
    const hear = (bytes: Buffer) => {
      said += bytes.toString();
      if (said.split("\n").includes(word)) {
        clearTimeout(timer);
        resolve();
      }
    };
    part.stdout?.on("data", hear);
    part.stderr?.on("data", hear);
    part.once("exit", () => {
      clearTimeout(timer);
      fail("ended: run make parts");
    });
  });
}

const test = base.extend<{ store: (typeof STORES)[number]; house: House }>({
  store: ["embedded", { option: true }],
  house: async ({ store, page }, use) => {
    const valkey = store === "valkey" ? await startValkey() : null;
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const provider = await startProvider(url);
    const issuer = {
      realm: "corp",
      url: provider.issuer,
      sign_in: true,
      name: "Example Corp",
      client_id: "lodge-public",
      sign_in_scopes: ["openid", "profile", "email", "groups"],
    };
    const service = await start({
      ...valkey?.settings,
      GATELODGE_PORT: String(port),
      GATELODGE_PUBLIC_URL: url,
      GATELODGE_ISSUERS: JSON.stringify([issuer]),
      GATELODGE_DEV_USER: "",
    });
    // The provider's own pages ask for fonts of the world outside.
    await page.route(
      (to) => to.hostname !== "127.0.0.1",
      (route) => route.abort(),
    );
    await use({ ...service, provider });
    await service.stop();
    await provider.stop();
    await valkey?.stop();
  },
});

async function isAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
}

/** At the provider, which asks for a name and takes any password. */
async function answerTheProvider(page: Page, house: House, who: string): Promise<void> {
  await page.waitForURL((at) => at.origin === house.provider.issuer);
  await page.locator("input[name=login]").fill(who);
  await page.locator("input[name=password]").fill("any");
  await page.locator("button[type=submit]").click();
  await page.waitForURL((at) => at.origin === house.url);
}

for (const store of STORES) {
  test.describe(store, () => {
    test.use({ store, permissions: ["clipboard-read", "clipboard-write"] });
    test("somebody signs in at a provider, mints a key, and signs out there", async ({
      page,
      house,
    }) => {
      await page.goto(`${house.url}/account`);
      const button = page.getByRole("link", { name: "Continue with Example Corp" });
      await expect(button).toBeVisible();
      await isAccessible(page);
      await button.click();
      await answerTheProvider(page, house, "alice");
      await expect(page).toHaveURL(`${house.url}/account`);
      await settle(page);
      await expect(page.getByText("Alice").first()).toBeVisible();

      const secret = await mint(page, house.url, "from the provider");
      expect(await knock(house.url, secret)).toBe(204);

      await page.getByRole("button", { name: "Sign out" }).click();
      await page.waitForURL((at) => at.origin === house.provider.issuer);
      await page.getByRole("button", { name: /Yes/ }).click();
      await page.waitForURL((at) => at.origin === house.url);
      await expect(page.getByText("You are signed out")).toBeVisible();
      await settle(page);
      await isAccessible(page);
      await page.goto(`${house.url}/keys`);
      await expect(page).toHaveURL(/\/sign-in\?/);
      // The key is hers, whether she is there or not.
      expect(await knock(house.url, secret)).toBe(204);

      // The provider, too, has forgotten her.
      await page.getByRole("link", { name: "Continue with Example Corp" }).click();
      await answerTheProvider(page, house, "bob");
      await expect(page).toHaveURL(`${house.url}/keys`);
    });

    test("a key of somebody who came from a provider lives as any other", async ({
      page,
      house,
    }) => {
      await page.goto(`${house.url}/keys`);
      await page.getByRole("link", { name: "Continue with Example Corp" }).click();
      await answerTheProvider(page, house, "alice");
      await expect(page.getByRole("heading", { name: "Your first key" })).toBeVisible();
      await liveThrough(page, house.url);
    });
  });
}

test("a provider that is down is told on a page with a way on", async ({ page, house }) => {
  await house.provider.stop();
  await page.goto(`${house.url}/account`);
  await page.getByRole("link", { name: "Continue with Example Corp" }).click();
  await expect(page).toHaveURL(/problem=provider-unavailable/);
  const told = page.getByRole("alert");
  await expect(told).toContainText("does not answer");
  await expect(told).toContainText("Request id");
  // Another way in, back to where they wanted to go.
  await expect(page.getByLabel("User name")).toBeVisible();
  await expect(page).toHaveURL(/return_to=%2Faccount/);
  await isAccessible(page);
});

test("a sign-in that goes in circles is stopped and explained", async ({ page, house }) => {
  for (let times = 0; times < 6; times += 1) {
    await page.goto(`${house.url}/auth/corp/start`);
  }
  await expect(page).toHaveURL(/problem=loop/);
  await expect(page.getByRole("alert")).toContainText("went in circles");
  await isAccessible(page);
});
