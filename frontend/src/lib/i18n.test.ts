import { expect, it } from "vitest";
import { match, offeredLanguages, wishedLanguage } from "./i18n";
import { stretched } from "./pseudo";

it("a browser's wish is answered as nearly as can be", () => {
  expect(match("de-AT")).toBe("de");
  expect(match("zh-CN")).toBe("zh-Hans");
  expect(match("nb")).toBeNull();
  expect(wishedLanguage(["nb", "fr-CH", "en"])).toBe("fr");
  expect(wishedLanguage([])).toBe("en");
});

it("what the operator does not offer is nobody's language", () => {
  expect(offeredLanguages(undefined)).toEqual(["en", "de", "fr", "zh-Hans"]);
  expect(offeredLanguages(["tlh"])).toEqual(["en", "de", "fr", "zh-Hans"]);
  const offered = offeredLanguages(["de", "fr"]);
  expect(wishedLanguage(["en", "fr"], offered)).toBe("fr");
  expect(wishedLanguage(["en"], offered)).toBe("de");
});

it("the pseudo-locale leaves tags alone", () => {
  expect(stretched("Go <0>on</0>")).toBe("Gó <0>óñ</0>~~~");
});
