import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openScene, page, type Scene } from "../support/scene.ts";
import { type ScriptedTurn, scriptedModel } from "../support/scripted-model.ts";

const call = (name: string, input: unknown): ScriptedTurn => ({ calls: [{ name, input }] });
const fetchUrl = (url: string) => call("fetch_url", { url: `http://${url}` });
const search = (query: string) => call("web_search", { query });
const create = (path: string, content = "Words.") => call("create_file", { path, content });

const pages: Record<string, string> = {
  "news.org/today": page("Today", "It rains in Porto.", '<a href="http://news.org/more">More</a>'),
  "news.org/more": page("More", "It rains a lot."),
  "wiki.org/lemon": page("Lemon", "A lemon is a fruit."),
  "shop.com/prices": page("Prices", "Lemons: 2 €."),
  "data.org/table.csv": page("Table", "1, 2, 3"),
};
const found = Object.keys(pages).map((url) => ({ title: url, url: `http://${url}`, content: "A snippet." }));

/** What the owner asks, what a model does then, and how often a careful owner would want to be asked. */
const tasks: [task: string, questions: number, ...turns: ScriptedTurn[]][] = [
  ["What is new on http://news.org/today ?", 0, fetchUrl("news.org/today")],
  ["Search for lemons and read the best page", 0, search("lemons"), fetchUrl("wiki.org/lemon")],
  [
    "Research lemon prices and save what you find to lemons.md",
    0,
    search("lemon prices"),
    fetchUrl("shop.com/prices"),
    create("lemons.md", "Lemons cost 2 €."),
  ],
  [
    "Compare http://wiki.org/lemon with http://shop.com/prices",
    0,
    {
      calls: ["wiki.org/lemon", "shop.com/prices"].map((url) => ({
        name: "fetch_url",
        input: { url: `http://${url}` },
      })),
    },
  ],
  ["Read news.org/today and follow its link", 0, fetchUrl("news.org/today"), fetchUrl("news.org/more")],
  [
    "Make folders for this year's taxes",
    0,
    { calls: ["taxes/2026/in", "taxes/2026/out"].map((path) => ({ name: "create_directory", input: { path } })) },
  ],
  ["Write me a shopping list", 0, create("shopping.md", "- milk\n- eggs")],
  ["What is on my shopping list?", 0, call("read_file", { path: "shopping.md" })],
  [
    "Change milk to oat milk in it",
    0,
    call("read_file", { path: "shopping.md" }),
    call("edit_file", { path: "shopping.md", old: "- milk", new: "- oat milk" }),
  ],
  ["Send me the shopping list", 0, call("send_file", { path: "shopping.md" })],
  [
    "I am allergic to nuts, remember that",
    0,
    call("read_core_file", { name: "USER" }),
    call("write_core_file", { name: "USER", content: "- Is allergic to nuts" }),
  ],
  [
    "Note that I called the plumber today",
    0,
    call("write_memory_file", { section: "Notes", text: "Called the plumber." }),
  ],
  ["What did I note?", 0, call("search_memory", { query: "plumber" })],
  ["What time is it in Tokyo?", 0, call("get_current_time", { timezone: "Asia/Tokyo" })],
  ["What files have I got?", 0, call("list_directory", { depth: 3 })],
  [
    "Two searches: lemons, and when they are ripe",
    0,
    { calls: ["lemons", "lemons ripe season"].map((query) => ({ name: "web_search", input: { query } })) },
  ],
  [
    "Read http://wiki.org/lemon and make a file of it in a new folder",
    0,
    fetchUrl("wiki.org/lemon"),
    call("create_directory", { path: "fruit" }),
    create("fruit/lemon.md"),
  ],
  [
    "Summarise the report that lies in report.md",
    0,
    call("read_file", { path: "report.md" }),
    create("summary.md", "It is about lemons."),
  ],
  ["Download http://data.org/table.csv", 1, call("download_file", { url: "http://data.org/table.csv" })],
  ["Delete the shopping list", 1, call("delete_file", { path: "shopping.md" })],
];

const open: Scene[] = [];
afterAll(async () => {
  for (const one of open) await one.close();
});

describe("twenty ordinary tasks", async () => {
  const turns = tasks.flatMap(([, , ...each]) => [...each, "Done."]);
  const one = await openScene({ model: scriptedModel(...turns), pages, found, owner: () => "yes" });
  open.push(one);
  await writeFile(join(one.home, "workspace/report.md"), "# Report\n\nLemons.");

  it.each(tasks)("%s", async (task, expected) => {
    const before = one.questions.length;
    const { events, answer } = await one.say(task);
    const ends = events.filter((event) => event.type === "tool-end");
    expect(ends.filter(({ failed }) => failed).map(({ output }) => output)).toEqual([]);
    expect(answer).toBe("Done.");
    expect(one.questions.slice(before).map(({ text }) => text)).toHaveLength(expected);
  });

  it("take four questions at most, and each only one", () => {
    expect(tasks).toHaveLength(20);
    expect(one.questions.length).toBeLessThanOrEqual(4);
    expect(one.files.map(({ path }) => path)).toEqual(["shopping.md"]);
  });
});
