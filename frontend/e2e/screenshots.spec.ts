// Pictures of every page, to be looked at: make screenshots.

import { everyPage } from "./every-page";
import { test } from "./pages";

const LOOKS = [
  { theme: "light", width: 1280, height: 860 },
  { theme: "dark", width: 1280, height: 860 },
  { theme: "light", width: 390, height: 844 },
  { theme: "dark", width: 390, height: 844 },
] as const;

for (const { theme, width, height } of LOOKS) {
  test.describe(`${theme} ${width}`, () => {
    test.use({ colorScheme: theme, viewport: { width, height } });
    test("pictures", async ({ page, service }) => {
      await everyPage(page, service.url, async (name) => {
        // What stands fixed at the top is drawn where the page was scrolled to.
        await page.evaluate(() => window.scrollTo(0, 0));
        const path = `screenshots/${name}-${theme}-${width}.png`;
        await page.screenshot({ path, fullPage: true, animations: "disabled" });
      });
      await page.goto(`${service.url}/docs`);
      await page.getByText("/api/me/tokens").first().waitFor();
      await page.screenshot({ path: `screenshots/docs-${theme}-${width}.png` });
    });
  });
}
