import type { z } from "zod";
import type { Team } from "./agent/team.ts";
import type { Git } from "./egress/clone.ts";
import type { Egress } from "./egress/egress.ts";
import type { Logger } from "./log.ts";
import type { Memory } from "./memory/memory.ts";
import type { Origin } from "./origin.ts";
import type { PageReader } from "./reader/reader.ts";
import type { Reply } from "./reply.ts";
import type { Workspace } from "./sandbox/workspace.ts";
import type { SearchEngine } from "./search-engine.ts";

/**
 * What a call does to the world beyond handing text to the model; the policy decides from these words.
 * `reads-private`: it reads what is the owner's (files, memory); closed to guests.
 */
export const effectNames = [
  "reads-private",
  "reads-web",
  "remembers",
  "writes",
  "sends",
  "reacts",
  "delegates",
  "destroys",
  "privileged",
] as const;
export type Effect = (typeof effectNames)[number];

/** Something the model can ask us to do. A file in `tools/` holds one, as its default export. */
export interface Tool<Schema extends z.ZodType = z.ZodType, Context = ToolContext> {
  /** What the model calls it: snake_case, verb first. */
  readonly name: string;
  readonly description: string;
  readonly input: Schema;
  readonly effects: readonly Effect[];
  /** Agents beside the main one do not have it. */
  readonly mainOnly?: true;
  /** The same call may be made again after a crash: it changes nothing, or the same thing again. */
  readonly repeatable?: true;
  /**
   * What leaves when the call is made, for a tool that `reads-web`: the address that is asked for, or the words that are
   * searched for. In a tainted run the policy decides from it; a tool that has neither is asked for each time. The
   * question shows it in full, so `confirm` need not.
   */
  address?(input: z.infer<Schema>): string;
  query?(input: z.infer<Schema>): string;
  /**
   * The question to put to the owner first, or undefined when there is nothing to ask. Throw to refuse the call. It is
   * asked for again after the yes: where it has changed, so has the matter, and the owner is asked anew. It must change
   * nothing, and look up no name.
   */
  confirm?(input: z.infer<Schema>, context: Context): Question | Promise<Question>;
  /** SHA-256 of what the call takes from a file: a yes is for these bytes and no others. */
  contentHash?(input: z.infer<Schema>, context: Context): Promise<string>;
  /** What the model reads next. Throw to report a failure: its message goes to the model. */
  run(input: z.infer<Schema>, context: Context): Promise<string | ToolOutput>;
}

type Question = string | undefined;

export interface ToolOutput {
  text: string;
  /** Where the text comes from, when it is not the agent's own. A foreign one taints the run. */
  origin?: Origin;
  /** What a model that sees is shown after the text, until the run is over. */
  picture?: Picture | undefined;
}

/** A picture in the workspace. Only its name is kept: the bytes are read again when they are wanted. */
export interface Picture {
  path: string;
  /** SHA-256 of its bytes: another picture of that name is not shown. */
  hash: string;
  /** About what it takes of a model's window. */
  tokens: number;
}

/** All that a tool may reach. A tool declares the parts that it uses: `Pick<ToolContext, "memory">`. */
export interface ToolContext {
  /** The agent's own files. */
  workspace: Workspace;
  memory: Memory;
  /** The one way out. */
  egress: Egress;
  git: Git;
  searchEngine: SearchEngine;
  reader: PageReader;
  team: Team;
  /** The conversation; undefined when another agent asks. */
  reply: Pick<Reply, "sendFile" | "react" | "others"> | undefined;
  /** The request of this run holds text of foreign origin. */
  tainted: boolean;
  /** Whether the model can look at pictures; its server may have to be asked. */
  sees(): Promise<boolean>;
  /** What this run has read, and the hash of what it saw: a core file is written only over what was read. */
  seen: Map<string, string>;
  signal: AbortSignal;
  /** Shows the person how far a long call is, in a few words. */
  progress(text: string): void;
  now(): Date;
  /** The owner's IANA time zone. */
  timezone: string;
  log: Logger;
}

/** Gives a tool its types. */
export function defineTool<Schema extends z.ZodType, Context = ToolContext>(
  tool: Tool<Schema, Context>,
): Tool<Schema, Context> {
  return tool;
}
