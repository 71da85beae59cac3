import { readFileSync } from "node:fs";
import { lstat, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { atomicWrite } from "./config/atomic-write.ts";
import { checkout } from "./home.ts";

/**
 * Makes the first files of an agent beside the main one, where they are missing: what is there is its own. How to act is
 * copied from the main agent, whose files lie in `mainDirectory`; USER.md is shared with it and not made here.
 */
export async function prepareAgentFiles(
  directory: string,
  description: string,
  mainDirectory: string,
  soul = soulFor(description),
): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const template = (name: string) => readFile(templatePath(name), "utf8");
  const files: [name: string, content: () => Promise<string>][] = [
    ["AGENT.md", async () => withPurpose(await template("AGENT.md"))],
    ["SOUL.md", async () => soul],
    ["BEHAVIOR.md", () => readFile(join(mainDirectory, "BEHAVIOR.md"), "utf8").catch(() => template("BEHAVIOR.md"))],
    ["MEMORY.md", () => template("MEMORY.md")],
  ];
  for (const [name, content] of files) {
    const path = join(directory, name);
    if (!(await lstat(path).catch(() => undefined))) await atomicWrite(path, await content());
  }
}

/** What stands in the SOUL.md of an agent that was given no other character. */
export function soulFor(description: string): string {
  return `${readFileSync(templatePath("SOUL.md"), "utf8").trimEnd()}\n- At home in this: ${description}\n`;
}

const templatePath = (name: string): string => join(checkout, "onboard", "templates", name);

/** The main agent's frame, as it is for one of several. */
function withPurpose(frame: string): string {
  return frame
    .replace(
      "You are the personal agent of one owner.",
      "You are one of several agents of one owner, each for a purpose of its own.",
    )
    .replace("\n## How you work\n", "\n## What you are for\n\n{{PURPOSE}}\n\n## How you work\n")
    .replace(
      /^- USER\.md: .*$/m,
      "- USER.md: about your owner; shared by all agents, and written by the main one. You only read it.",
    )
    .replace("read_core_file USER, write_core_file USER with", "read_core_file MEMORY, write_core_file MEMORY with");
}
