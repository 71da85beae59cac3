import { messageOf } from "../errors.ts";
import { type CoreFileName, type CoreFiles, coreFileBudgets, coreFileNames } from "../memory/core-files.ts";
import { dayOf, timeOf, weekdayOf } from "../time.ts";

export interface PromptOptions {
  name: string;
  /** The text of AGENT.md. */
  frame: string;
  core: CoreFiles;
  /** What the agent is for, in the words of its owner. */
  purpose?: string | undefined;
}

/**
 * The system prompt: AGENT.md with its placeholders filled by the core files, once (a placeholder within a core file
 * stays text). It has fixed parts only: it changes when one of the files does.
 */
export async function buildInstructions({ name, frame, core, purpose = "" }: PromptOptions): Promise<string> {
  const files = await Promise.all(coreFileNames.map(async (file) => [file, await wordsOf(file, core)] as const));
  const values = new Map<string, string>([["NAME", name], ["PURPOSE", purpose], ...files]);
  return frame.replace(/\{\{([A-Z]+)\}\}/g, (placeholder, word) => values.get(word) ?? placeholder).trim();
}

/** One file that cannot be read is no reason not to answer at all. */
async function wordsOf(name: CoreFileName, core: CoreFiles): Promise<string> {
  try {
    return nudged(name, (await core.read(name)).content.trim());
  } catch (error) {
    return `(${name}.md cannot be read now: ${messageOf(error)} Tell the person.)`;
  }
}

/** A core file that is nearly full says so to the model; one that an editor has made far too long is not shown whole. */
function nudged(name: CoreFileName, content: string): string {
  const budget = coreFileBudgets[name];
  if (content.length < budget * 0.85) return content;
  if (content.length > budget * 2)
    return `${content.slice(0, budget * 2).toWellFormed()}\n\n(${name}.md is cut here: it has ${content.length} characters and may have ${budget}. Tell the person.)`;
  return `${content}\n\n(${name}.md is nearly full, ${content.length} of ${budget} characters: drop what no longer matters when you next write it.)`;
}

/** How to hand on to another agent in the room; empty when there is none. */
export function companyLine(names: readonly string[] = []): string {
  if (names.length === 0) return "";
  const mentions = names.map((name) => `@${name}`).join(", ");
  return `Other agents of your owner are in this room: ${mentions}. To hand on to one, write its name like this; it answers by itself. Do so only when it helps.`;
}

/**
 * What changes with every run, the recollections that may help with it included; it stands before the person's newest
 * message and is not kept in the view of later runs.
 */
export function contextBlock(now: Date, timezone: string, ...parts: (string | undefined)[]): string {
  const date = `${weekdayOf(now, timezone)} ${dayOf(now, timezone)}, ${timeOf(now, timezone)} (${timezone})`;
  return `<context>\n${[date, ...parts].filter(Boolean).join("\n\n")}\n</context>\n\n`;
}
