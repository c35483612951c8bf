// What every journey stands on: a service of its own, a browser before it, and
// an ear for whatever the browser refused.

import { test as base, expect, type Page } from "@playwright/test";
import { type Service, start } from "./service";
import { startValkey, type Valkey } from "./valkey";

export const STORES = ["embedded", "valkey"] as const;
export type Store = (typeof STORES)[number];

/** The first administrator's, where a test asks for accounts. */
export const ADA = { username: "ada", password: "seven otters fold the map" };
export const WITH_ADA = {
  GATELODGE_ADMIN_USERNAME: ADA.username,
  GATELODGE_ADMIN_PASSWORD: ADA.password,
  GATELODGE_DEV_USER: "",
};

interface Options {
  store: Store;
  /** Variables of the service, beside those that every test has. */
  settings: Record<string, string>;
}

interface Fixtures {
  valkey: Valkey | null;
  /** The real binary, stopped when the test ends, however it ends. */
  service: Service;
  /** What the browser refused or complained of. Must be empty when the test ends. */
  complaints: string[];
}

export const test = base.extend<Options & Fixtures>({
  store: ["embedded", { option: true }],
  settings: [{}, { option: true }],
  valkey: async ({ store }, use) => {
    const valkey = store === "valkey" ? await startValkey() : null;
    await use(valkey);
    await valkey?.stop();
  },
  service: async ({ valkey, settings }, use) => {
    const service = await start({ ...valkey?.settings, ...settings });
    await use(service);
    await service.stop();
  },
  complaints: [
    async ({ page, service }, use) => {
      const complaints: string[] = [];
      // Such as: Refused to apply inline style because it violates the policy.
      page.on("console", (message) => {
        if (/Content.Security.Policy/i.test(message.text())) complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("request", (request) => {
        const { protocol, origin } = new URL(request.url());
        if (protocol.startsWith("http") && origin !== service.url) {
          complaints.push(`a request elsewhere: ${request.url()}`);
        }
      });
      await use(complaints);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});

/** When the page is there and waits for nothing more. */
export async function settle(page: Page): Promise<void> {
  await page.locator("h1").waitFor();
  await expect(page.locator(".gl-slow")).toHaveCount(0);
}

/** As the developer, without a password. */
export async function enter(page: Page, url: string, path = "/keys"): Promise<void> {
  await page.goto(url + path);
  await page.getByRole("button", { name: /developer/ }).click();
  await page.waitForURL((at) => at.pathname === new URL(path, url).pathname);
}

/** With a built-in account. */
export async function signIn(page: Page, { username, password } = ADA): Promise<void> {
  await page.getByLabel("User name").fill(username);
  await page.getByLabel(/^Password/).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Mints a key on the page that does, and gives its text. */
export async function mint(page: Page, url: string, name: string): Promise<string> {
  await page.goto(`${url}/keys/new`);
  await page.getByLabel("Name").fill(name);
  await page.getByRole("button", { name: "Create the key" }).click();
  await page.getByRole("button", { name: "Show", exact: true }).click();
  const secret = (await page.getByTestId("secret").textContent()) ?? "";
  await page.getByLabel("I have saved it").check();
  await page.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  return secret;
}

/** What a proxy that asks with this key is told. */
export async function knock(url: string, key: string): Promise<number> {
  const answer = await fetch(`${url}/forward-auth`, {
    headers: { authorization: `Bearer ${key}` },
  });
  return answer.status;
}

/** What a page of ours would ask the API for; gives its answer. */
export async function api(
  page: Page,
  url: string,
  method: string,
  path: string,
  data: unknown = {},
): Promise<Record<string, string>> {
  const { csrf } = await (await page.request.get(`${url}/api/session`)).json();
  const headers = { "x-csrf-token": csrf };
  const answer = await page.request.fetch(url + path, { method, data, headers });
  expect(answer.ok(), `${method} ${path}: ${answer.status()}`).toBe(true);
  return answer.status() === 204 ? {} : answer.json();
}

/** Keys in every state that one can be brought to; their texts by name. */
export async function manyKeys(page: Page, url: string): Promise<Record<string, string>> {
  const keys = "/api/me/tokens";
  const texts: Record<string, string> = {};
  const made = async (draft: { name: string; [member: string]: unknown }) => {
    const { id, token } = await api(page, url, "POST", keys, { scopes: ["models:read"], ...draft });
    texts[draft.name] = token ?? "";
    return `${keys}/${id}`;
  };
  await made({ name: "nightly backup", expires_in_days: 90, networks: ["10.0.0.0/8"] });
  await made({ name: "metrics", scopes: ["metrics:read", "metrics:write"] });
  await made({ name: "demo for Thursday", expires_in_days: 3 });
  const asleep = await made({ name: "old laptop" });
  await api(page, url, "PATCH", asleep, { disabled: true });
  const turned = await made({ name: "web shop", expires_in_days: 30 });
  await api(page, url, "POST", `${turned}/rotate`, { overlap: "24h" });
  await api(page, url, "POST", `${await made({ name: "leaked" })}/revoke`);
  await api(page, url, "DELETE", await made({ name: "former project" }));
  for (const name of ["metrics", "metrics", "web shop"]) await knock(url, texts[name] ?? "");
  return texts;
}
