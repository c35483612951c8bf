import { expect, it } from "vitest";
import { match, wishedLanguage } from "./i18n";
import { stretched } from "./pseudo";

it("a browser's wish is answered as nearly as can be", () => {
  expect(match("de-AT")).toBe("de");
  expect(match("zh-CN")).toBe("zh-Hans");
  expect(match("nb")).toBeNull();
  expect(wishedLanguage(["nb", "fr-CH", "en"])).toBe("fr");
  expect(wishedLanguage([])).toBe("en");
});

it("the pseudo-locale leaves tags alone", () => {
  expect(stretched("Go <0>on</0>")).toBe("Gó <0>óñ</0>~~~");
});
