import { describe, expect, it } from "vitest";
import { buildInstructions } from "../../src/agent/prompt.ts";
import type { CoreFileName, CoreFiles } from "../../src/memory/core-files.ts";

const frame = "I am {{NAME}}.\n{{SOUL}}\n{{USER}}\n{{OTHER}}";
const coreOf = (files: Partial<Record<CoreFileName, string>>): Pick<CoreFiles, "read"> => ({
  async read(name) {
    if (files[name] === "unreadable") throw new Error("Permission denied.");
    return { content: files[name] ?? "", hash: "" };
  },
});
const prompt = (files: Partial<Record<CoreFileName, string>>) =>
  buildInstructions({ name: "Ada", frame, core: coreOf(files) as CoreFiles });

describe("the prompt", () => {
  it("has the core files in their places, and leaves a placeholder that it does not know", async () => {
    expect(await prompt({ SOUL: "Calm.\n", USER: "Likes tea." })).toBe("I am Ada.\nCalm.\nLikes tea.\n{{OTHER}}");
  });

  it("takes a placeholder within a core file for text", async () => {
    expect(await prompt({ SOUL: "{{USER}}", USER: "$& Likes tea." })).toContain("{{USER}}\n$& Likes tea.");
  });

  it("says that a file cannot be read, and has the others", async () => {
    const text = await prompt({ SOUL: "Calm.", USER: "unreadable" });
    expect(text).toContain("Calm.\n(USER.md cannot be read now: Permission denied. Tell the person.)");
  });

  it("says to the model when a file is nearly full", async () => {
    expect(await prompt({ USER: "x".repeat(2_200) })).toContain("USER.md is nearly full, 2200 of 2500 characters");
  });

  it("does not let a file that an editor has made huge fill the window", async () => {
    const text = await prompt({ USER: "x".repeat(500_000) });
    expect(text.length).toBeLessThan(6_000);
    expect(text).toContain("USER.md is cut here: it has 500000 characters and may have 2500");
  });
});
