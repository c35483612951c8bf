import { expect, it } from "vitest";
import { csv } from "./csv";

it("cells are quoted where they must be and never run as formulas", () => {
  expect(
    csv([
      ["a,b", 'say "x"', 3, null],
      ["=1+1", "-2", "line\nbreak", "plain"],
    ]),
  ).toBe(`"a,b","say ""x""",3,\r\n'=1+1,'-2,"line\nbreak",plain\r\n`);
});
