import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Holds a page against WCAG 2.2 AA, as far as a machine can. */
export async function isAccessible(page: Page): Promise<void> {
  // What still moves has colours in between.
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => null))),
  );
  // A menu that is open stands beside the page's regions, as dialogs do.
  const axe = new AxeBuilder({ page }).withTags(RULES).disableRules("region");
  const { violations } = await axe.analyze();
  const found = violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
  expect(found, page.url()).toEqual([]);
}

/** Nothing needs scrolling sideways. */
export async function fits(page: Page): Promise<void> {
  const { wanted, there } = await page.evaluate(() => ({
    wanted: document.documentElement.scrollWidth,
    there: document.documentElement.clientWidth,
  }));
  expect(wanted, `${page.url()} scrolls sideways`).toBeLessThanOrEqual(there);
}
