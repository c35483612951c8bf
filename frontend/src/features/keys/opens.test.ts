import { describe, expect, it } from "vitest";
import type { Gate, GateRule } from "../../api/contract";
import { covers, isOpen, openings } from "./opens";

const rule = (part: Partial<GateRule>): GateRule => ({
  allow: "authenticated",
  scopes: [],
  any_scopes: [],
  groups: [],
  any_groups: [],
  hosts: [],
  paths: [],
  methods: [],
  networks: [],
  credentials: ["api_key", "jwt"],
  ...part,
});
const gate = (...rules: GateRule[]): Gate => ({ name: "models", credentials: ["api_key"], rules });

describe("what a key opens", () => {
  it("is what asks for nothing that it lacks", () => {
    const [one] = openings([gate(rule({ scopes: ["models:read"] }))], ["models:*"], []);
    expect(one && isOpen(one)).toBe(true);
  });

  it("names all that lacks, and of alternatives the first", () => {
    const asks = rule({
      scopes: ["a"],
      any_scopes: ["b", "c"],
      groups: ["ops"],
      any_groups: ["x"],
    });
    expect(openings([gate(asks)], ["d"], ["x"])).toMatchObject([
      { lacksScopes: ["a", "b"], lacksGroups: ["ops"] },
    ]);
    expect(openings([gate(asks)], ["a", "c"], ["x", "ops"])).toMatchObject([
      { lacksScopes: [], lacksGroups: [] },
    ]);
  });

  it("says nothing of groups that are not known", () => {
    expect(openings([gate(rule({ groups: ["ops"] }))], [], null)).toMatchObject([
      { lacksGroups: [] },
    ]);
  });

  it("leaves out rules that no key opens", () => {
    const shut = rule({ allow: "nobody" });
    const tokens = rule({ credentials: ["jwt"] });
    expect(openings([gate(shut, tokens)], [], [])).toEqual([]);
  });
});

it("a wildcard covers what is below it, and nothing of Gatelodge's own", () => {
  expect(covers("models:*", "models:read")).toBe(true);
  expect(covers("models:*", "modelsx:read")).toBe(false);
  expect(covers("gatelodge:*", "gatelodge:admin")).toBe(false);
  expect(covers("gatelodge:admin", "gatelodge:admin")).toBe(true);
});
