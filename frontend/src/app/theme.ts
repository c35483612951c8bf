import {
  createTheme,
  localStorageColorSchemeManager,
  type MantineThemeOverride,
} from "@mantine/core";
import { PRIMARY_SHADE, shades } from "../lib/accent";

const OWN_ACCENT = "#2b6a5f";
const DANGER = "#d6293a";

/** The same key that theme.js reads before anything is drawn. */
export const colorScheme = localStorageColorSchemeManager({ key: "gatelodge.theme" });

export function makeTheme(accent: string | null): MantineThemeOverride {
  const brand = shades(accent ?? OWN_ACCENT) ?? shades(OWN_ACCENT);
  const red = shades(DANGER);
  return createTheme({
    ...(brand && red && { colors: { brand, red }, primaryColor: "brand" }),
    primaryShade: PRIMARY_SHADE,
    defaultRadius: "md",
    respectReducedMotion: true,
    cursorType: "pointer",
    // No font comes from elsewhere: the system's own.
    fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
    fontFamilyMonospace: "ui-monospace, 'SF Mono', Menlo, Consolas, 'Noto Sans Mono', monospace",
    headings: { fontWeight: "650" },
    // The head of a dialog is no second banner of the page.
    components: { ModalHeader: { defaultProps: { role: "presentation" } } },
  });
}
