import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { prepareAgentFiles } from "../src/agent-files.ts";
import { temporaryFolder } from "./support/temporary.ts";

describe("the first files of an agent", () => {
  const made = async (main = temporaryFolder(), directory = join(temporaryFolder(), "cook")) => {
    await prepareAgentFiles(directory, "recipes and menus", main);
    return { directory, read: (name: string) => readFileSync(join(directory, name), "utf8") };
  };

  it("say what it is for, and that USER.md is the main agent's", async () => {
    const { read } = await made();
    expect(read("AGENT.md")).toMatch(
      /one of several agents[\s\S]*## What you are for\n\n\{\{PURPOSE\}\}\n\n## How you work/,
    );
    expect(read("AGENT.md")).toContain("You only read it.");
    expect(read("AGENT.md")).not.toContain("write_core_file USER");
    expect(read("SOUL.md")).toMatch(/- At home in this: recipes and menus\n$/);
    expect(read("MEMORY.md")).toMatch(/^# What lasts/);
    expect(() => read("USER.md")).toThrow("ENOENT");
  });

  it("begin with how the main agent acts", async () => {
    const main = temporaryFolder();
    writeFileSync(join(main, "BEHAVIOR.md"), "- Answer in rhymes.\n");
    expect((await made(main)).read("BEHAVIOR.md")).toBe("- Answer in rhymes.\n");
  });

  it("are left alone where they are there already", async () => {
    const { directory } = await made();
    writeFileSync(join(directory, "SOUL.md"), "mine");
    expect((await made(temporaryFolder(), directory)).read("SOUL.md")).toBe("mine");
  });
});
