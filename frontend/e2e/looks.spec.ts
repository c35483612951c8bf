// The operator's looks, themes without a flash, right to left, and how soon a
// page can be used.

import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { fits, isAccessible } from "./accessible";
import { enter, mint, settle, test } from "./pages";

const LOGO = join(tmpdir(), `gatelodge-e2e-logo-${process.pid}.svg`);
writeFileSync(
  LOGO,
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 1"><rect width="2" height="1"/></svg>',
);

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`an operator's looks, ${colorScheme}`, () => {
    test.use({
      colorScheme,
      locale: "en-GB",
      settings: {
        GATELODGE_FRONTEND__APP_NAME: "Harbour Keys",
        GATELODGE_FRONTEND__LOGO_FILE: LOGO,
        // Yellow under white, and as text on white: nobody could read it as it is.
        GATELODGE_FRONTEND__ACCENT_COLOR: "#ffe600",
        GATELODGE_FRONTEND__LANGUAGES: "de,fr",
      },
    });
    test("name, logo, colour and languages are theirs, and readable", async ({ page, service }) => {
      await page.goto(`${service.url}/sign-in`);
      await expect(page).toHaveTitle("Anmelden · Harbour Keys");
      const logo = page.locator(".gl-brand img");
      await expect(logo).toHaveJSProperty("complete", true);
      expect(await logo.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(
        0,
      );
      await isAccessible(page);
      await page.locator("main button").first().click();
      await page.waitForURL(/\/keys/);
      await settle(page);
      await isAccessible(page);
      await page.goto(`${service.url}/account`);
      await settle(page);
      await expect(page.getByLabel("Sprache").locator("option")).toHaveText([
        "Deutsch",
        "Français",
      ]);
      await isAccessible(page);
    });
  });
}

test.describe("themes", () => {
  test.use({ colorScheme: "light" });
  test("nothing is ever drawn in the wrong one", async ({ page, service }) => {
    await enter(page, service.url, "/account");
    await page.getByText("Dark", { exact: true }).click();
    await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
    // Each change of the theme while a page loads, from before its first element.
    await page.addInitScript(() => {
      const seen: (string | null)[] = [];
      Object.assign(window, { seen });
      new MutationObserver(() => {
        const theme = document.documentElement?.getAttribute("data-mantine-color-scheme");
        if (document.body && theme !== seen.at(-1)) seen.push(theme);
      }).observe(document, { attributes: true, childList: true, subtree: true });
    });
    for (const path of ["/keys", "/account", "/sign-in"]) {
      await page.goto(service.url + path);
      await settle(page);
      expect(await page.evaluate(() => (window as unknown as { seen: string[] }).seen)).toEqual([
        "dark",
      ]);
    }
  });
});

async function isMirrored(page: Page): Promise<void> {
  const { heading, width } = await page.evaluate(() => {
    const words = document.createRange();
    words.selectNodeContents(document.querySelector("h1") ?? document.body);
    const { left, right } = words.getBoundingClientRect();
    return { heading: (left + right) / 2, width: document.documentElement.clientWidth };
  });
  expect(heading, `the heading of ${page.url()} begins on the right`).toBeGreaterThan(width / 2);
}

for (const width of [1280, 390]) {
  test.describe(`right to left at ${width}`, () => {
    test.use({ viewport: { width, height: 860 } });
    test("every page reads from right to left, and all texts are translated", async ({
      page,
      service,
    }) => {
      const { url } = service;
      await enter(page, url);
      await mint(page, url, "مفتاح");
      await page.evaluate(() => localStorage.setItem("gatelodge.language", "en-XB"));
      for (const path of ["/keys", "/keys/new", "/account", "/help", "/nothing"]) {
        await page.goto(url + path);
        await settle(page);
        await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
        await isMirrored(page);
        await fits(page);
        // Longer words in the pseudo-locale end in a tilde.
        const words = page.locator("h1, h2, label, th button, main button:not([aria-label])");
        for (const text of await words.allTextContents()) {
          const isNamed = /^[\s\d↑↓*—-]*$|Deutsch|Français|简体中文|مفتاح/.test(text);
          if (!isNamed && text.trim().length > 3) expect(text).toMatch(/~/);
        }
        await isAccessible(page);
      }
    });
  });
}

test("a page can be used before a second has passed", async ({ page, service }) => {
  await enter(page, service.url);
  // What comes first: a clock that was wound when the page began, or a button
  // to press. A machine with much else to do may have several tries.
  await page.addInitScript(() => {
    const order: string[] = [];
    Object.assign(window, { order });
    setTimeout(() => order.push("second"), 1000 - performance.now());
    new MutationObserver((_, observer) => {
      if (!document.querySelector("main h1") || !document.querySelector("main a[href='/keys/new']"))
        return;
      order.push("usable");
      observer.disconnect();
    }).observe(document, { childList: true, subtree: true });
  });
  await expect(async () => {
    await page.goto(`${service.url}/keys`);
    await page.waitForFunction(() => (window as unknown as { order: string[] }).order.length === 2);
    const order = await page.evaluate(() => (window as unknown as { order: string[] }).order);
    expect(order).toEqual(["usable", "second"]);
  }).toPass({ timeout: 60_000 });
});
