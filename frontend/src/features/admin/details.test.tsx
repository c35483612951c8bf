import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { renderHook } from "@testing-library/react";
import { expect, it } from "vitest";
import { detailText, useDetailWords } from "./details";

it("a detail has words, unless a newer service knows more", () => {
  const { result } = renderHook(() => useDetailWords(), {
    wrapper: ({ children }) => <I18nProvider i18n={i18n}>{children}</I18nProvider>,
  });
  expect(result.current("expires_at")).toBe("Ends");
  expect(result.current("constructor")).toBe("constructor");
});

it("a time among the details is read as one, and nothing else is", () => {
  expect(detailText("en", "2027-02-22T19:19:02.486Z")).toContain("2027");
  expect(detailText("en", "2027-02-22T19:19:02.486Z")).not.toContain("02.486");
  for (const text of ["ci", "never", "2027-02-22", "built 2027-02-22T19:19:02Z"]) {
    expect(detailText("en", text)).toBe(text);
  }
});
