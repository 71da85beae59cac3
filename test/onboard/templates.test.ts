import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { coreFileBudgets, coreFileNames } from "../../src/memory/core-files.ts";

const directory = join(import.meta.dirname, "../../onboard/templates");

function read(name: string): Promise<string> {
  return readFile(join(directory, `${name}.md`), "utf8");
}

function placeholdersIn(text: string): string[] {
  return [...text.matchAll(/\{\{(.*?)\}\}/g)].map(([, word = ""]) => word);
}

describe("AGENT.md", () => {
  it("has a place for the name and for each core file, once, and no place that nothing fills", async () => {
    expect(placeholdersIn(await read("AGENT")).sort()).toEqual(["NAME", ...coreFileNames].sort());
  });

  it("ends with what the agent itself edits, so that the beginning of the prompt stays the same", async () => {
    expect(placeholdersIn(await read("AGENT")).slice(-2)).toEqual(["USER", "MEMORY"]);
  });

  it("names the files, tools and journal sections that there are", async () => {
    const frame = await read("AGENT");
    for (const file of coreFileNames) expect(frame).toContain(`<${file}.md>\n{{${file}}}\n</${file}.md>`);
    for (const tool of ["read_core_file", "write_core_file", "write_memory_file", "read_memory_file", "search_memory"])
      expect(frame).toContain(tool);
    expect(frame).toContain("Conversations, Learned, Decisions, Tasks or Notes");
  });
});

describe("the core files at the beginning", () => {
  it.each(coreFileNames)("%s.md has a heading, no placeholder, and three quarters of its budget free", async (name) => {
    const content = await read(name);
    expect(content).toMatch(/^# \S/);
    expect(placeholdersIn(content)).toEqual([]);
    expect(content.length).toBeLessThan(coreFileBudgets[name] / 4);
  });

  it("leave the prompt room: all five together are under 1,500 tokens", async () => {
    const files = await Promise.all(["AGENT", ...coreFileNames].map(read));
    expect(Buffer.byteLength(files.join("")) / 3.5).toBeLessThan(1_500);
  });
});
