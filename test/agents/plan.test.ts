import { describe, expect, it } from "vitest";
import { planAgent, secretNames } from "../../src/agents/plan.ts";
import { configSchema } from "../../src/config/schema.ts";

const block = (name: string) => ({ name, description: "menus", model: "small" });
const config = configSchema.parse({
  version: 1,
  "main-agent": { name: "Memtrix", model: "small" },
  providers: { rehearsal: { type: "rehearsal" } },
  models: {
    small: { provider: "rehearsal", model: "rehearsal" },
    large: { provider: "rehearsal", model: "rehearsal" },
  },
  agents: { cook: block("Cook"), "chef-1": block("The Chef") },
});

function plan(name: string, more: object = {}, secrets: readonly string[] = [], taken: readonly string[] = ["baker"]) {
  return planAgent(
    { name, description: "menus", ...more },
    { config, secrets: { has: (name) => secrets.includes(name) }, taken: new Set(taken), tainted: false },
  );
}

describe("the id of a new agent", () => {
  it.each([
    ["Gardener", "gardener"],
    ["  Crème  brûlée 2 ", "creme-brulee-2"],
    ["cook-2", "cook-2"],
    ["coo", "coo"],
    ["3 Musketeers", "musketeers"],
    ["ＣＯＯＫＥＲ", "cooker"],
    ["a".repeat(60), "a".repeat(32)],
    ["_.-Ada-._", "ada"],
  ])("of %j is %s", (name, id) => {
    expect(plan(name).id).toBe(id);
  });

  it.each(["", "料理", "42", "--", "main", "Memory", "core", "constructor", "con", "../..", "a\u202eb"])(
    "cannot be made of %j",
    (name) => {
      expect(() => plan(name)).toThrow(/^"?.*(cannot be the name of an agent|cannot be seen|already)/);
    },
  );

  it.each(["Cook", "cook", "COOK!", "the chef", "Chef 1", "memtrix"])("is not that of another: %s", (name) => {
    expect(() => plan(name)).toThrow("already: choose another");
  });

  it("is never used again", () => {
    expect(() => plan("Baker")).toThrow("an id is never used again");
    expect(plan("Baker 2").id).toBe("baker-2");
  });

  it("takes no name of another secret", () => {
    expect(() => plan("Matrix", {}, ["MATRIX_ACCESS_TOKEN"])).toThrow("take names that are in use");
    expect(secretNames("cook-2").accessToken).toBe("COOK_2_ACCESS_TOKEN");
  });
});

describe("what a new agent is to be", () => {
  it("has the main agent's model unless another of the config is named", () => {
    expect(plan("Ada").model).toBe("small");
    expect(plan("Ada", { model: "large" }).model).toBe("large");
    expect(() => plan("Ada", { model: "huge" })).toThrow('There is no model "huge". There are: small, large.');
    expect(() => plan("Ada", { model: "toString" })).toThrow("There is no model");
  });

  it("has its instructions whole, or a character of its own", () => {
    expect(plan("Ada", { instructions: " Be brief. \n" }).instructions).toBe("Be brief.\n");
    expect(plan("Ada").instructions).toMatch(/# Character[\s\S]*At home in this: menus\n$/);
    expect(() => plan("Ada", { instructions: "x".repeat(3_000) })).toThrow("may have 2500 characters");
  });

  it("says in one line what it is for", () => {
    expect(plan("Ada", { description: "menus\n\n# and more" }).description).toBe("menus # and more");
    expect(() => plan("Ada", { description: " " })).toThrow("Say in a line");
  });
});
