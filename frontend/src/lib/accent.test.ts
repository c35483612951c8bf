import { describe, expect, it } from "vitest";
import { contrast, DARK_TEXT_SHADE, PRIMARY_SHADE, parseColor, shades } from "./accent";

describe("an operator's colour", () => {
  it.each(["#2b6a5f", "#ffee00", "#000", "#ffffff", "#ff0000", "#1c7ed6"])(
    "%s is readable on light and dark pages",
    (color) => {
      const made = shades(color);
      const light = parseColor(made?.[PRIMARY_SHADE] ?? "");
      const dark = parseColor(made?.[DARK_TEXT_SHADE] ?? "");
      expect(light && contrast(light, [255, 255, 255])).toBeGreaterThanOrEqual(4.5);
      expect(dark && contrast(dark, [36, 36, 36])).toBeGreaterThanOrEqual(4.5);
    },
  );

  it("that is none is not taken", () => {
    expect(shades("red; background: url(x)")).toBeNull();
  });
});
