import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { discover } from "../src/discover.ts";
import { discoverProviders } from "../src/discover-providers.ts";
import { discoverTools } from "../src/discover-tools.ts";
import { checkout } from "../src/home.ts";
import { temporaryFolder } from "./support/temporary.ts";

const zod = pathToFileURL(createRequire(import.meta.url).resolve("zod")).href;
const toolText = (name: string, changes = "") =>
  `import { z } from "${zod}";
   const input = z.object({});
   export default { name: "${name}", description: "Does it.", input, effects: [], async run() { return "done"; }, ${changes} };`;

function folderWith(files: Record<string, string>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

describe("a file in tools/", () => {
  it("becomes a tool by lying there, whatever it is called, in TypeScript or JavaScript", async () => {
    const { found, problems } = await discoverTools(
      folderWith({ "whatever.ts": toolText("wave_hand"), "another.js": toolText("bow"), "notes.md": "no module" }),
    );
    expect([...found.keys()]).toEqual(["bow", "wave_hand"]);
    expect(problems).toEqual([]);
    expect(await found.get("bow")?.run({}, {} as never)).toBe("done");
  });

  it("is a helper when its name begins with _, and types only when it ends in .d.ts", async () => {
    const { found, problems } = await discoverTools(
      folderWith({
        "_helper.ts": "throw new Error('not to be imported')",
        "types.d.ts": "export {};",
        ".hidden.ts": "x(",
      }),
    );
    expect([found.size, problems]).toEqual([0, []]);
  });

  it("that is broken is told in one line each, and stops no other", async () => {
    const folder = folderWith({
      "a-syntax.ts": "export default {",
      "b-throws.ts": 'throw new Error("no key\\nand more");',
      "c-throws-text.ts": 'throw "just words";',
      "d-import.ts": 'import "./not-there.ts";',
      "e-nothing.ts": "export const tool = 1;",
      "f-name.ts": toolText("Bad Name"),
      "g-description.ts": toolText("g", 'description: ""'),
      "h-input.ts": toolText("h", "input: {}"),
      "i-effects.ts": toolText("i", "effects: undefined"),
      "j-effect.ts": toolText("j", 'effects: ["explodes"]'),
      "k-run.ts": toolText("k", "run: undefined"),
      "l-good.ts": toolText("good"),
      "m-again.ts": toolText("good"),
    });
    mkdirSync(join(folder, "n-folder.ts"));
    const { found, problems } = await discoverTools(folder);
    expect([...found.keys()]).toEqual(["good"]);
    expect(problems).toHaveLength(13);
    expect(problems.every((problem) => !problem.includes("\n"))).toBe(true);
    expect(problems.slice(1, 3)).toEqual(["b-throws.ts: no key", "c-throws-text.ts: just words"]);
    expect(problems.slice(4, 12)).toEqual([
      "e-nothing.ts: has no default export made by defineTool",
      "f-name.ts: its name must be lower-case letters, digits and _",
      "g-description.ts: has no description",
      "h-input.ts: its input must be a zod schema",
      "i-effects.ts: declares no effects: [] says that it has none",
      expect.stringMatching(/^j-effect\.ts: "explodes" is no effect: there are reads-private, /),
      "k-run.ts: has no function run",
      "m-again.ts: the name good is taken",
    ]);
  });

  it("that waits for ever for something is told like a broken one, and stops no other", async () => {
    const folder = folderWith({
      "endless.ts": `await new Promise(() => {});\n${toolText("endless")}`,
      "good.ts": toolText("good"),
      "slow.ts": `await new Promise((done) => setTimeout(done, 20));\n${toolText("slow")}`,
    });
    const { found, problems } = await discover(folder, () => undefined, { patienceMs: 1_000 });
    expect([...found.keys()]).toEqual(["good", "slow"]);
    expect(problems).toEqual(["endless.ts: its top level does not come to an end (waited 1 s)"]);
  });

  it("is left out when no model could be told how to call it: it would fail every request", async () => {
    const { found, problems } = await discoverTools(
      folderWith({
        "date.ts": toolText("a", "input: z.object({ at: z.date() })"),
        "text.ts": toolText("b", "input: z.string()"),
        "transform.ts": toolText("c", "input: z.object({ at: z.string().transform(Number) })"),
      }),
    );
    expect([...found.keys()]).toEqual(["c"]);
    expect(problems).toEqual([
      expect.stringMatching(/^date\.ts: its input cannot be described to a model/),
      "text.ts: its input must be an object: z.object({ … })",
    ]);
  });

  it("need not be there", async () => {
    const { found, problems } = await discoverTools(join(temporaryFolder(), "nowhere"));
    expect([found.size, problems]).toEqual([0, []]);
  });
});

describe("a file in providers/", () => {
  it("becomes a provider by lying there, and is told when it is none", async () => {
    const good = `export default { name: "my-own", description: "Mine.", settings: { safeParse() {} }, create() {} };`;
    const { found, problems } = await discoverProviders(
      folderWith({ "mine.ts": good, "none.ts": "export default null;", "loud.ts": good.replace("my-own", "LOUD") }),
    );
    expect([...found.keys()]).toEqual(["my-own"]);
    expect(problems).toEqual([
      "loud.ts: its name must be lower-case letters, digits and dashes",
      "none.ts: has no default export made by defineProvider",
    ]);
  });
});

describe("what comes with the program", () => {
  it("is all usable", async () => {
    const tools = await discoverTools(join(checkout, "tools"));
    const providers = await discoverProviders(join(checkout, "providers"));
    expect([...tools.problems, ...providers.problems]).toEqual([]);
    expect([...providers.found.keys()]).toEqual(["ollama", "openai-compatible", "openrouter", "rehearsal"]);
    for (const name of ["get_current_time", "read_core_file", "search_memory", "write_memory_file", "edit_file"])
      expect(tools.found.has(name)).toBe(true);
  });
});
