import type { Fields } from "./_rehearsal-patterns.ts";

/** One thing that can be said, and what comes of it. */
export interface Rule {
  /** How it may be put; see `fieldsOf`. */
  hear: readonly string[];
  /** Heard only if this holds as well. */
  when?(fields: Fields): boolean;
  /** What to type to try it, and the tools without which there is no use in trying. */
  example?: string;
  needs?: readonly string[];
  /** The answer, or the calls on the way to it: each is given back what came of it. */
  play(fields: Fields, scene: Scene): string | Play;
  /** The answer when a call failed or the owner said no; `reason` is the tool's. */
  failed?(fields: Fields, reason: string): string;
}

export type Play = Generator<Call, string, string>;

export interface Call {
  tool: string;
  input: Record<string, unknown>;
}

/** What a rule knows besides the sentence. */
export interface Scene {
  /** The agent's name. */
  name: string;
  /** USER.md as it stands in the prompt. */
  user: string;
  /** What can be tried with the tools that are there. */
  examples: readonly string[];
}
