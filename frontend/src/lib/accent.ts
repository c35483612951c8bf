// Ten shades of the operator's colour, of which the ones that carry or make
// text keep the contrast that WCAG 2.2 AA asks for, whatever the colour is.

import type { MantineColorsTuple } from "@mantine/core";

type Rgb = [number, number, number];

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];
/** The background of dark pages (Mantine's dark.7). */
const DARK: Rgb = [36, 36, 36];
const TEXT_CONTRAST = 4.6;

/** The shade under white text, and of text on light pages. */
export const PRIMARY_SHADE = 7;
/** The shade of text on dark pages, which is Mantine's choice. */
export const DARK_TEXT_SHADE = 4;

export function parseColor(text: string): Rgb | null {
  const long = text.match(/^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i);
  const short = text.match(/^#([0-9a-f])([0-9a-f])([0-9a-f])$/i);
  const digits = long?.slice(1) ?? short?.slice(1).map((digit) => digit + digit);
  return digits ? (digits.map((pair) => Number.parseInt(pair, 16)) as Rgb) : null;
}

function luminance(color: Rgb): number {
  const [red, green, blue] = color.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

export function contrast(one: Rgb, other: Rgb): number {
  const [bright, dim] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [
    number,
    number,
  ];
  return (bright + 0.05) / (dim + 0.05);
}

function mix(color: Rgb, other: Rgb, share: number): Rgb {
  return color.map((value, place) =>
    Math.round(value + ((other[place] ?? 0) - value) * share),
  ) as Rgb;
}

function untilReadable(color: Rgb, towards: Rgb, against: Rgb): Rgb {
  let shade = color;
  for (let step = 0; step < 40 && contrast(shade, against) < TEXT_CONTRAST; step++) {
    shade = mix(shade, towards, 0.05);
  }
  return shade;
}

function hex(color: Rgb): string {
  return `#${color.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

export function shades(color: string): MantineColorsTuple | null {
  const base = parseColor(color);
  if (!base) return null;
  const onLight = untilReadable(base, BLACK, WHITE);
  const onDark = untilReadable(base, WHITE, DARK);
  return [
    mix(base, WHITE, 0.92),
    mix(base, WHITE, 0.82),
    mix(base, WHITE, 0.65),
    mix(onDark, WHITE, 0.2),
    onDark,
    mix(base, WHITE, 0.15),
    base,
    onLight,
    mix(onLight, BLACK, 0.15),
    mix(onLight, BLACK, 0.3),
  ].map((shade) => hex(shade as Rgb)) as unknown as MantineColorsTuple;
}
