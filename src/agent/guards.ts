import { createKnownAddresses, type NamedBy } from "../known-addresses.ts";
import type { Memory } from "../memory/memory.ts";
import type { Workspace } from "../sandbox/workspace.ts";
import type { Heard } from "../store/heard.ts";
import type { Run } from "../store/runs.ts";
import type { Session } from "../store/sessions.ts";
import type { Store } from "../store/store.ts";
import type { Tool } from "../tool.ts";
import { createPrivateText, type PrivateText } from "./private-text.ts";

/** What is known of the texts of one agent, over all its runs. */
export interface Guards {
  /** Who named an address, whole: an owner at any time, or a result in this session. */
  namedBy(session: Session): (address: string) => NamedBy | undefined;
  /** Whether a text shares words with what is the owner's own. What they say in this run is no secret of it. */
  isPrivate(run: Run, session: Session): (text: string) => Promise<boolean>;
}

export interface GuardsOptions {
  store: Pick<Store, "log" | "heard">;
  memory: Memory;
  workspace: Workspace;
  tools: ReadonlyMap<string, Tool>;
}

export function createGuards({ store, memory, workspace, tools }: GuardsOptions): Guards {
  const byAgent = new Map<string, { heard: Heard; privateText: PrivateText }>();

  function of({ agent }: Session): { heard: Heard; privateText: PrivateText } {
    const known = byAgent.get(agent);
    if (known) return known;
    const heard = store.heard(agent);
    const made = { heard, privateText: createPrivateText({ heard, memory, workspace }) };
    byAgent.set(agent, made);
    return made;
  }

  return {
    namedBy: (session) =>
      createKnownAddresses({
        ...{ heard: of(session).heard, session: session.id },
        kindOf(tool) {
          const effects = tools.get(tool)?.effects ?? [];
          if (effects.includes("reads-web")) return "web";
          return effects.length > 0 && effects.every((effect) => effect === "reads-private") ? "own" : undefined;
        },
        argumentsOf({ run, id }) {
          for (const { role, content } of store.log.ofRun(session.id, run))
            if (role === "assistant" && Array.isArray(content))
              for (const part of content) if (part.toolCallId === id) return JSON.stringify(part.input);
          return undefined;
        },
      }),
    isPrivate: (run, session) => (text) => {
      const said = store.log
        .ofRun(session.id, run.id)
        .filter(({ role, origin }) => role === "user" && origin === "owner");
      return of(session).privateText.sharesWith(
        text,
        said.map((entry) => entry.text),
      );
    },
  };
}
