// Times as people read them, in their language and zone.

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const STEPS: [number, number, Intl.RelativeTimeFormatUnit][] = [
  [MINUTE, 1, "second"],
  [HOUR, MINUTE, "minute"],
  [DAY, HOUR, "hour"],
  [30 * DAY, DAY, "day"],
  [365 * DAY, 30 * DAY, "month"],
  [Number.POSITIVE_INFINITY, 365 * DAY, "year"],
];

/** "3 hours ago", "in 2 days". */
export function relative(locale: string, at: Date, now: Date): string {
  const seconds = Math.round((at.getTime() - now.getTime()) / 1000);
  const step = STEPS.find(([below]) => Math.abs(seconds) < below);
  const [, size, unit] = step ?? [0, 1, "second" as const];
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  return format.format(Math.trunc(seconds / size), unit);
}

/** A time to the second, with its zone. */
export function exact(locale: string, at: Date): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" }).format(at);
}

/** A day: "24 Nov 2026". */
export function day(locale: string, at: Date): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium" }).format(at);
}

/** A day with its weekday, hour and zone: "Tue 23 Feb 2027, 14:05 CET". */
export function moment(locale: string, at: Date): string {
  return new Intl.DateTimeFormat(locale, {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
  }).format(at);
}

export function addDays(from: Date, days: number): Date {
  return new Date(from.getTime() + days * DAY * 1000);
}

/** The first moment of a day that was picked, in the person's own zone. */
export function startOfDay(date: string): Date | null {
  const found = date.match(/^(\d{4})-(\d{2})-(\d{2})$/);
  if (!found) return null;
  const [, year, month, dayOfMonth] = found.map(Number);
  const at = new Date(year ?? 0, (month ?? 1) - 1, dayOfMonth);
  return Number.isNaN(at.getTime()) ? null : at;
}

/** Its last second. */
export function endOfDay(date: string): Date | null {
  const at = startOfDay(date);
  at?.setHours(23, 59, 59);
  return at;
}

/** A day as an input of type date wants it, in the person's own zone. */
export function dateInput(at: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

export function isWithin(at: string | null, now: Date, seconds: number): boolean {
  return at !== null && Math.abs(now.getTime() - new Date(at).getTime()) <= seconds * 1000;
}

export const DAY_SECONDS = DAY;

/** A length of time in its two largest units: "3 days, 4 hours". */
export function duration(locale: string, seconds: number): string {
  const units = [
    ["day", DAY],
    ["hour", HOUR],
    ["minute", MINUTE],
    ["second", 1],
  ] as const;
  const first = units.findIndex(([, size]) => seconds >= size);
  let rest = seconds;
  const words = units.slice(first < 0 ? -1 : first).map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    const format = { style: "unit", unit, unitDisplay: "long" } as const;
    return count > 0 || size === 1 ? new Intl.NumberFormat(locale, format).format(count) : "";
  });
  const shown = words.slice(0, 2).filter(Boolean);
  return new Intl.ListFormat(locale, { type: "unit", style: "long" }).format(
    shown.length > 0 ? shown : words.slice(-1),
  );
}
