// Pages and links of others that would like to act for whoever is signed in.

import { createServer, type Server } from "node:http";
import { expect, type Page } from "@playwright/test";
import { ADA, enter, signIn, test, WITH_ADA } from "./pages";

/** A site of somebody else's, which serves one page. */
async function elsewhere(html: string): Promise<{ url: string; close: () => void }> {
  const server: Server = createServer((_, answer) => {
    answer.setHeader("content-type", "text/html; charset=utf-8");
    answer.end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() };
}

const RETURN_ADDRESSES = [
  "//evil.example",
  "///evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "https://evil.example",
  "https:evil.example",
  "http://127.0.0.1@evil.example",
  "javascript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "/\t/evil.example",
  "%2f%2fevil.example",
  "/%5cevil.example",
  "https://аррle.example",
  "/sign-in?return_to=//evil.example",
];

test.describe("return addresses", () => {
  test.use({ settings: WITH_ADA });
  test("lead nowhere else", async ({ page, context, service }) => {
    const { url } = service;
    for (const address of RETURN_ADDRESSES) {
      await context.clearCookies();
      await page.goto(`${url}/sign-in?return_to=${encodeURIComponent(address)}`);
      await signIn(page);
      // The ear of every test hears a request elsewhere.
      const heading = page.getByRole("heading", { level: 1 });
      await expect(heading, address).toHaveText(/My keys|There is no such page/);
      expect(new URL(page.url()).origin, address).toBe(url);
    }
  });
});

async function keysOf(page: Page, url: string): Promise<number> {
  const answer = await page.request.get(`${url}/api/me/tokens`);
  return (await answer.json()).length;
}

test("no page of others acts for whoever is signed in", async ({ page, context, service }) => {
  const { url } = service;
  await enter(page, url);
  const attacks = await elsewhere(`<!doctype html><title>elsewhere</title>
    <form id="mint" method="post" action="${url}/api/me/tokens" enctype="text/plain">
      <input name='{"name":"stolen","x":"' value='"}'>
    </form>
    <form id="leave" method="post" action="${url}/api/session/dev"></form>`);
  // On 127.0.0.1 as the service is: the same site, so that the cookie goes along.
  const other = await context.newPage();
  await other.goto(attacks.url);
  const tried = await other.evaluate(async (target) => {
    const post = (path: string, init: RequestInit) =>
      fetch(target + path, { credentials: "include", ...init }).then(
        ({ type, status }) => `${type} ${status}`,
        () => "refused",
      );
    const body = JSON.stringify({ name: "stolen" });
    return Promise.all([
      post("/api/me/tokens", {
        method: "POST",
        body,
        headers: { "content-type": "application/json" },
      }),
      post("/api/me/tokens", { method: "POST", body, mode: "no-cors" }),
      post("/api/me/tokens", { method: "DELETE" }),
      post("/api/me/tokens", {
        method: "POST",
        body,
        headers: { "content-type": "application/json", "x-csrf-token": "guessed" },
      }),
      post("/api/me", {}),
    ]);
  }, url);
  expect(tried).toEqual(Array(5).fill("refused"));
  for (const form of ["mint", "leave"]) {
    await other.goto(attacks.url);
    const answered = other.waitForResponse((answer) => answer.url().startsWith(url));
    await other.evaluate((id) => {
      const found = document.getElementById(id);
      if (found instanceof HTMLFormElement) found.submit();
    }, form);
    expect((await answered).status(), form).toBeGreaterThanOrEqual(400);
    await other.waitForURL(`${url}/**`);
  }
  expect(await keysOf(page, url)).toBe(0);
  await page.reload();
  await expect(page.getByRole("heading", { name: "Your first key" })).toBeVisible();
  attacks.close();
});

test("no page of others shows ours in a frame", async ({ context, service }) => {
  const frame = await elsewhere(`<!doctype html><iframe src="${service.url}/keys"></iframe>`);
  const other = await context.newPage();
  const refused = other.waitForEvent("console", {
    predicate: (message) => message.text().includes("frame-ancestors"),
  });
  await other.goto(frame.url);
  await refused;
  frame.close();
});

test.describe("with an account", () => {
  test.use({ settings: WITH_ADA });
  test("no page of others signs anybody in", async ({ context, service }) => {
    const { url } = service;
    const form = await elsewhere(`<!doctype html>
      <form method="post" action="${url}/api/session" enctype="text/plain">
        <input name='{"username":"${ADA.username}","password":"${ADA.password}","return_to":"'
          value='/"}'>
      </form>`);
    const other = await context.newPage();
    await other.goto(form.url);
    const answered = other.waitForResponse((answer) => answer.url().startsWith(url));
    await other.evaluate(() => document.forms[0]?.submit());
    expect((await answered).status()).toBeGreaterThanOrEqual(400);
    expect(await context.cookies(url)).toEqual([]);
    form.close();
  });
});
