import { expect, it } from "vitest";
import { type Command, matching } from "./commands";

const command = (label: string, note?: string): Command => ({
  id: label,
  label,
  note,
  icon: "key",
  act: () => {},
});
const ALL = [command("My keys"), command("New key"), command("key of the build", "glk_…9Zc4")];
const labels = (written: string) => matching(ALL, written).map(({ label }) => label);

it("finds all words wherever they stand, what begins so first", () => {
  expect(labels("")).toEqual(["My keys", "New key", "key of the build"]);
  expect(labels("KEY")).toEqual(["key of the build", "My keys", "New key"]);
  expect(labels("build key")).toEqual(["key of the build"]);
  expect(labels("9zc4")).toEqual(["key of the build"]);
  expect(labels("nothing")).toEqual([]);
});
