import { describe, expect, it } from "vitest";
import { addDays, dateInput, duration, endOfDay, isWithin, relative, startOfDay } from "./dates";

const NOW = new Date("2026-11-24T12:00:00Z");

describe("a time", () => {
  it.each([
    ["2026-11-24T11:59:30Z", "30 seconds ago"],
    ["2026-11-24T09:00:00Z", "3 hours ago"],
    ["2026-11-23T11:00:00Z", "yesterday"],
    ["2026-12-01T12:00:00Z", "in 7 days"],
    ["2025-10-01T12:00:00Z", "last year"],
  ])("%s is %s", (at, text) => {
    expect(relative("en", new Date(at), NOW)).toBe(text);
  });

  it("speaks the person's language", () => {
    expect(relative("de", new Date("2026-11-24T09:00:00Z"), NOW)).toBe("vor 3 Stunden");
  });
});

describe("a picked day", () => {
  it("lasts until its end in the person's zone", () => {
    const end = endOfDay("2027-01-31");
    expect(end && [end.getDate(), end.getHours(), end.getMinutes()]).toEqual([31, 23, 59]);
    expect(endOfDay("soon")).toBeNull();
  });

  it("comes back as it was picked", () => {
    expect(dateInput(endOfDay("2027-01-31") ?? NOW)).toBe("2027-01-31");
  });
});

it("a key was used lately or not", () => {
  expect(isWithin("2026-11-24T11:00:00Z", NOW, 86_400)).toBe(true);
  expect(isWithin(addDays(NOW, -2).toISOString(), NOW, 86_400)).toBe(false);
  expect(isWithin(null, NOW, 86_400)).toBe(false);
});

it("a length of time has its two largest units", () => {
  expect(duration("en", 0)).toBe("0 seconds");
  expect(duration("en", 61)).toBe("1 minute, 1 second");
  expect(duration("en", 3 * 86_400 + 59)).toBe("3 days");
  expect(duration("de", 7_200)).toBe("2 Stunden");
});

it("a day begins in the person's zone", () => {
  const start = startOfDay("2027-01-31");
  expect(start && [start.getDate(), start.getHours()]).toEqual([31, 0]);
});
