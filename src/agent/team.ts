import type { ToolOutput } from "../tool.ts";

/** The agents of this installation, as one run of one of them reaches them. */
export interface Team {
  /** The one that reaches, first of all; then the others by name. */
  list(): TeamMember[];
  /** By name or id, in any letter case. Throws a sentence that says which there are. */
  find(name: string): TeamMember;
  /** Has another one work on a question, and waits for its answer. Throws a sentence for the model where that cannot be. */
  ask(name: string, question: string): Promise<ToolOutput>;
  /** Undefined for those who may not make or unmake others. */
  changes?: TeamChanges | undefined;
}

export interface TeamMember {
  id: string;
  name: string;
  /** What it is for, in one line. */
  description: string;
  /** Its account, where it has one. */
  account: string | undefined;
  model: string;
  /** In a few words: `idle`, `working`. */
  state: string;
  lastSeen: Date | undefined;
}

export interface TeamChanges {
  /** What would be made, checked: throws a sentence for what cannot be. */
  plan(wish: AgentWish): AgentPlan;
  /** Makes it, or leaves nothing of it behind. */
  create(plan: AgentPlan): Promise<TeamMember>;
  /** Removes it, and all that is its own, for good. */
  delete(id: string): Promise<void>;
}

export interface AgentWish {
  name: string;
  description: string;
  model?: string | undefined;
  instructions?: string | undefined;
}

export interface AgentPlan {
  id: string;
  name: string;
  description: string;
  model: string;
  /** Its own, whole: what stands in its SOUL.md. */
  instructions: string;
  /** It was wished for in a run that had read from outside: its instructions are of that origin. */
  tainted: boolean;
}
