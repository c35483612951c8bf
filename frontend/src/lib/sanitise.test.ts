import { expect, it } from "vitest";
import { sanitised } from "./sanitise";

const text = (html: string) => {
  const host = document.createElement("div");
  host.append(sanitised(html));
  return host.innerHTML;
};

it("words and links stay", () => {
  expect(text('<h2>Keys</h2><p>See <a href="https://x.example/">here</a></p>')).toBe(
    '<h2>Keys</h2><p>See <a href="https://x.example/" rel="noopener noreferrer">here</a></p>',
  );
});

it.each([
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  '<a href="javascript:alert(1)">x</a>',
  "<form action=//evil.example><input name=password></form>",
  "<style>*{display:none}</style>",
  '<p style="position:fixed" id="root">x</p>',
  "<iframe src=//evil.example></iframe>",
  "<svg><animate onbegin=alert(1)></svg>",
])("%s does no harm", (html) => {
  expect(text(html)).not.toMatch(/script|onerror|onbegin|<form|<input|<style|style=|id=|iframe/i);
});
