import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { test } from "./pages";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

async function isAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
}

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });
    test("a key is minted, used and seen to work", async ({ page, service }) => {
      const { url } = service;
      await page.goto(`${url}/keys`);
      await expect(page).toHaveURL(/\/sign-in\?return_to=/);
      await isAccessible(page);
      await page.getByRole("button", { name: /developer/ }).click();
      await expect(page.getByRole("heading", { name: "Your first key" })).toBeVisible();
      await isAccessible(page);

      await page.getByRole("link", { name: "Create a key" }).click();
      await expect(page.getByLabel("Name")).toBeFocused();
      await isAccessible(page);
      await page.getByLabel("Name").fill("build server");
      await page.getByRole("button", { name: "Create the key" }).click();

      await expect(page.getByText("Waiting for its first use")).toBeVisible();
      expect(await page.getByTestId("secret").textContent()).toMatch(/^glk_•+$/);
      await page.getByRole("button", { name: "Show", exact: true }).click();
      const secret = (await page.getByTestId("secret").textContent()) ?? "";
      await isAccessible(page);
      const through = () =>
        fetch(`${url}/forward-auth`, { headers: { authorization: `Bearer ${secret}` } });
      expect((await through()).status).toBe(204);
      await expect(page.getByText("It works: the key passed the gate.")).toBeVisible({
        timeout: 30_000,
      });
      await page.getByLabel("I have saved it").check();
      await page.getByRole("button", { name: "Done" }).click();
      await expect(page.getByRole("heading", { name: "build server" })).toBeVisible();
      expect(await page.content()).not.toContain(secret);
      await isAccessible(page);
    });
  });
}
