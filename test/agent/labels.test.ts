import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createLabels, type LabelsOptions } from "../../src/agent/labels.ts";
import type { Run } from "../../src/store/runs.ts";
import { defineTool, type Tool } from "../../src/tool.ts";

const input = z.object({ text: z.string() });
const tool = (name: string, more: Partial<Tool>): [string, Tool] => [
  name,
  defineTool({ name, description: "", input, effects: [], run: async () => "", ...more } as Tool) as unknown as Tool,
];
const text = (given: unknown) => (given as { text: string }).text;
const tools = new Map([
  tool("fetch", { effects: ["reads-web"], address: text }),
  tool("search", { effects: ["reads-web"], query: text }),
  tool("write", { effects: ["writes"] }),
]);
const byName = (name: string): Tool => tools.get(name) as Tool;

function scene(changes: Partial<LabelsOptions> & { taints?: string[]; calls?: string[] } = {}) {
  const { taints = [], calls = [], ...options } = changes;
  const state = { taints, opened: {} as Record<string, number> };
  const openStep = { calls: calls.map((name, id) => ({ id: `${id}`, name, input: {} })) };
  const run = { state, openStep } as unknown as Run;
  const labels = createLabels({
    ...{
      run,
      tools,
      words: () => ({ derived: [], owned: [] }),
      namedBy: () => undefined,
      isPrivate: async () => false,
    },
    ...options,
  });
  return { ...labels, state };
}

const call = (name: string, said: string) => ({ id: "0", name, input: { text: said } });
const page = "The secret ingredient of this soup is a spoonful of smoked paprika.";

describe("why a call is decided as untrusted", () => {
  it("is that foreign text is in the run, and not in another", () => {
    expect(scene({ taints: ["a page"] }).of(call("write", "x"))).toEqual(["untrusted"]);
    expect(scene().of(call("write", "x"))).toEqual([]);
  });

  it("is that one of several calls in the step goes out, whichever it is", () => {
    expect(scene({ calls: ["write", "fetch"] }).of(call("write", "x"))).toEqual(["batch"]);
    expect(scene({ calls: ["write", "fetch"], taints: ["a page"] }).of(call("write", "x"))).toEqual([
      "untrusted",
      "batch",
    ]);
    expect(scene({ calls: ["fetch"] }).of(call("fetch", "x"))).toEqual([]);
    expect(scene({ calls: ["write", "write", "no_such_tool"] }).of(call("write", "x"))).toEqual([]);
  });

  it("is that it repeats what was said in a tainted run, and the owner has not said it too", () => {
    const derived = [`The page says: ${page}`];
    const said = scene({ words: () => ({ derived, owned: [] }) });
    expect(said.of(call("write", `Note: ${page.toUpperCase()}`))).toEqual(["derived"]);
    expect(said.of(call("write", "Something else altogether, of my own."))).toEqual([]);
    expect(scene({ words: () => ({ derived, owned: [page] }) }).of(call("write", page))).toEqual([]);
    expect(said.of(call("no_such_tool", page))).toEqual(["derived"]);
  });

  it("is not that a search does: its words are judged by what is in them", () => {
    expect(scene({ words: () => ({ derived: [page], owned: [] }) }).of(call("search", page))).toEqual([]);
  });

  it("is found in what stands before the model now, not in what stood there before", () => {
    const words = { derived: [page], owned: [] as string[] };
    const one = scene({ words: () => ({ ...words }) });
    expect(one.of(call("write", page))).toEqual(["derived"]);
    words.derived = ["Quite another text, of the same number of entries."];
    expect(one.of(call("write", page))).toEqual([]);
    words.derived = ["Quite another text, of the same number of entries.", page];
    expect(one.of(call("write", page))).toEqual(["derived"]);
    words.derived = ["Quite another text, of the same number of entries.", "Soup."];
    expect(one.of(call("write", page))).toEqual([]);
    words.derived = ["Soup.", page];
    words.owned = [page];
    expect(one.of(call("write", page))).toEqual([]);
  });
});

describe("what a call would send out", () => {
  it("is the words of a search, with their length and whether they are the owner's own", async () => {
    const asked: string[] = [];
    const isPrivate = async (query: string) => asked.push(query) > 1;
    const one = scene({ isPrivate });
    expect(await one.requestOf(byName("search"), { text: "soup" })).toEqual({
      kind: "query",
      characters: 4,
      isPrivate: false,
    });
    expect(await one.requestOf(byName("search"), { text: "" })).toEqual({
      kind: "query",
      characters: 0,
      isPrivate: true,
    });
    expect(asked).toEqual(["soup", ""]);
  });

  it("is nothing that is known where the tool does not say", async () => {
    expect(await scene().requestOf(byName("write"), { text: "x" })).toBeUndefined();
  });

  it("is an address, with who named it and how many of its domain were opened unasked", async () => {
    const one = scene({ namedBy: (address) => (address.endsWith("/mine") ? "owner" : "result") });
    const request = async (address: string) => {
      const found = await one.requestOf(byName("fetch"), { text: address });
      if (!found) throw new Error("there is a request");
      return found;
    };
    const first = { kind: "address", named: "result", domain: "shop.co.uk", openedThere: 0, openedInAll: 0 };
    expect(await request("https://www.shop.co.uk/a")).toEqual(first);
    one.opened(await request("https://www.shop.co.uk/a"));
    one.opened(await request("https://other.shop.co.uk/b"));
    one.opened(await request("https://example.org/"));
    one.opened(await request("https://example.org/mine"));
    one.opened({ kind: "query", characters: 3, isPrivate: false });
    expect(one.state.opened).toEqual({ "shop.co.uk": 2, "example.org": 1 });
    expect(await request("https://shop.co.uk/c")).toEqual({ ...first, openedThere: 2, openedInAll: 3 });
    expect(await request("https://third.net/mine")).toMatchObject({ named: "owner", openedThere: 0, openedInAll: 3 });
  });

  it("counts a host without a domain, and what is no address, each for itself", async () => {
    const one = scene();
    expect(await one.requestOf(byName("fetch"), { text: "http://8.8.8.8/x" })).toMatchObject({ domain: "8.8.8.8" });
    expect(await one.requestOf(byName("fetch"), { text: "http://nas:8080/x" })).toMatchObject({ domain: "nas" });
    expect(await one.requestOf(byName("fetch"), { text: "not one" })).toMatchObject({ domain: "not one" });
  });
});
