// Every page, in both themes, on a desk and on a phone: axe finds nothing,
// nothing needs scrolling sideways, and at 400 % it is still all there.

import { expect } from "@playwright/test";
import { fits, isAccessible } from "./accessible";
import { everyPage } from "./every-page";
import { enter, settle, test } from "./pages";

const DESK = { width: 1280, height: 860 };
const PHONE = { width: 390, height: 844 };
/** 1280 by 1024 at 400 % (WCAG 1.4.10). */
const ZOOMED = { width: 320, height: 256 };

for (const colorScheme of ["light", "dark"] as const) {
  for (const viewport of [DESK, PHONE]) {
    test.describe(`${colorScheme} ${viewport.width}`, () => {
      test.use({ colorScheme, viewport });
      test("axe finds nothing, and nothing scrolls sideways", async ({ page, service }) => {
        await everyPage(page, service.url, async () => {
          await isAccessible(page);
          await fits(page);
        });
      });
    });
  }
}

test.describe("at 400 %", () => {
  test.use({ viewport: ZOOMED });
  for (const language of ["en", "de", "fr", "zh-Hans"]) {
    test(`all is there in ${language}`, async ({ page, service }) => {
      await page.addInitScript((tag) => localStorage.setItem("gatelodge.language", tag), language);
      const { url } = service;
      await page.goto(`${url}/sign-in`);
      await page.locator("h1").waitFor();
      await fits(page);
      await page.locator("main button").first().click();
      await page.waitForURL(/\/keys/);
      for (const path of ["/keys", "/keys/new", "/account", "/help", "/nothing"]) {
        await page.goto(url + path);
        await settle(page);
        await fits(page);
      }
    });
  }
});

test.describe("for whoever wants it calm, or has colours of their own", () => {
  test.use({ contextOptions: { forcedColors: "active", reducedMotion: "reduce" } });
  test("nothing moves, and what is chosen is told apart", async ({ page, service }) => {
    await enter(page, service.url);
    await page.goto(`${service.url}/account`);
    await page.locator("h1").waitFor();
    const longest = await page.evaluate(() =>
      Math.max(
        ...[...document.querySelectorAll("*")].flatMap((element) => {
          const { transitionDuration, animationDuration } = getComputedStyle(element);
          return `${transitionDuration},${animationDuration}`.split(",").map(Number.parseFloat);
        }),
      ),
    );
    expect(longest).toBeLessThan(0.01);
    const chosen = page.locator("[data-active] .mantine-SegmentedControl-innerLabel").first();
    await expect(chosen).toBeVisible();
    await isAccessible(page);
  });
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`API reference, ${colorScheme}`, () => {
    test.use({ colorScheme });
    test("is as light or dark as all else", async ({ page, service }) => {
      await page.goto(`${service.url}/docs`);
      await expect(page.getByText("/api/me/tokens").first()).toBeVisible();
      const html = page.locator("html");
      if (colorScheme === "dark") await expect(html).toHaveClass(/dark-mode/);
      else await expect(html).not.toHaveClass(/dark-mode/);
    });
  });
}
