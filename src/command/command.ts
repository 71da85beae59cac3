import type { Memory } from "../memory/memory.ts";
import type { Usage } from "../store/usage.ts";

/** Something a person asks of the program itself, not of the model: `/clear`. It runs at once, also beside a run. */
export interface Command<Context = CommandContext> {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** What stands after the name, for `/help`. */
  readonly usage?: string;
  readonly summary: string;
  /** Who may use it. */
  readonly who: "owner" | "anyone";
  /** What the person reads: markdown. */
  run(args: string, context: Context): Promise<string>;
}

/** All that a command may reach. A command declares the parts that it uses. */
export interface CommandContext {
  /** The commands that this person may use. */
  commands: readonly Command[];
  conversation: ConversationControl;
  /** Undefined where a conversation cannot be the home of notices. */
  home?: HomeRoom | undefined;
  switches: Switches;
  models: ModelChoice;
  usage: Usage;
  caps: { tokensPerDay: number | null; costPerDay: number | null };
  memory: Memory;
  /** Lines of `name: state`. */
  status(): Promise<[name: string, state: string][]>;
  now(): Date;
  timezone: string;
}

/** The conversation in which the command was given. */
export interface ConversationControl {
  /** Begins a fresh session. */
  clear(): void;
  /** Ends the run under way and empties the lane. */
  stop(): { running: boolean; dropped: number };
}

/** Where notices go that belong to no conversation. */
export interface HomeRoom {
  /** Makes it this conversation. */
  set(): void;
}

export type SwitchName = "verbose" | "reasoning";

/** Kept for the agent over restarts. */
export interface Switches {
  get(name: SwitchName): boolean;
  set(name: SwitchName, on: boolean): void;
}

/** Which model answers. */
export interface ModelChoice {
  /** The name of the one that answers here. */
  current(): string;
  /** The configured ones: a name and what it is. */
  available(): { name: string; description: string }[];
  /** For this conversation, or for the agent wherever nothing else was chosen. */
  choose(name: string, scope: "conversation" | "agent"): void;
}

export type ParsedCommand = { command: Command; args: string } | { unknown: string; nearest: string | undefined };

/**
 * Reads a message that begins with `/` or `!`. Undefined for everything that is a message after all: a path, a sentence
 * whose first word is like no command.
 */
export function parseCommand(text: string, commands: readonly Command[]): ParsedCommand | undefined {
  const match = /^[/!]([a-z]+)(?:\s+([\s\S]*))?$/i.exec(text.trim());
  const name = match?.[1]?.toLowerCase();
  if (!name) return undefined;
  const args = match?.[2]?.trim() ?? "";

  const command = commands.find((one) => one.name === name || one.aliases?.includes(name));
  if (command) return { command, args };
  const names = commands.flatMap((one) => [one.name, ...(one.aliases ?? [])]);
  const [nearest, distance] = nearestOf(name, names);
  const isNear = distance <= (name.length < 4 ? 1 : 2);
  if (!isNear && args !== "") return undefined;
  return { unknown: name, nearest: isNear ? nearest : undefined };
}

function nearestOf(name: string, names: readonly string[]): [string | undefined, number] {
  let best: [string | undefined, number] = [undefined, Number.POSITIVE_INFINITY];
  for (const other of names) {
    const distance = other.startsWith(name) ? 1 : editDistance(name, other);
    if (distance < best[1]) best = [other, distance];
  }
  return best;
}

/** Levenshtein distance: insertions, deletions and replacements that lead from one word to the other. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries())
      next.push(Math.min((row[j] ?? 0) + (letter === other ? 0 : 1), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    row = next;
  }
  return row[b.length] ?? 0;
}

/** What is answered to a command; runs it where there is one and the person may. */
export async function answerOf(parsed: ParsedCommand, context: CommandContext): Promise<string> {
  if ("unknown" in parsed) {
    const hint = parsed.nearest ? `Did you mean \`/${parsed.nearest}\`?` : "`/help` lists what there is.";
    return `There is no command \`/${parsed.unknown}\`. ${hint}`;
  }
  const { command, args } = parsed;
  if (!context.commands.includes(command)) return `\`/${command.name}\` is for my owner.`;
  return command.run(args, context);
}
