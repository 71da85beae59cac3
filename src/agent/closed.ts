import type { Memory } from "../memory/memory.ts";
import type { Effect, Tool } from "../tool.ts";

const privateEffects: ReadonlySet<Effect> = new Set(["reads-private", "remembers", "privileged"]);

/** The tools that neither read nor change what is the owner's own: for a conversation in which others read along. */
export function withoutPrivateTools(tools: ReadonlyMap<string, Tool>): ReadonlyMap<string, Tool> {
  return new Map([...tools].filter(([, { effects }]) => !effects.some((effect) => privateEffects.has(effect))));
}

/** The core files as a conversation sees them that is not the owner's alone: who the agent is, and nothing of the owner. */
export function withoutPrivateFiles(core: Memory["core"]): Memory["core"] {
  return {
    ...core,
    async read(name) {
      const file = await core.read(name);
      return name === "USER" || name === "MEMORY" ? { ...file, content: closed } : file;
    },
  };
}

const closed =
  "(Closed in this conversation: it is not the owner's alone. Do not speak of what you know of the owner.)";
