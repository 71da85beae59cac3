import type { Channel } from "./channel/channel.ts";
import type { Models } from "./models.ts";
import type { OpenAgent } from "./open-agent.ts";
import type { Store } from "./store/store.ts";

export interface StatusOptions {
  asked: Pick<OpenAgent, "id" | "agent" | "memory" | "modelName">;
  conversation: string;
  store: Pick<Store, "sessions">;
  models: Pick<Models, "use" | "list">;
  channels: readonly Channel[];
  /** How many messages wait. */
  waiting: number;
  tools: { count: number; problems: readonly string[] };
  timezone: string;
  version: string;
}

/** How long a model may take to say how much it can read. */
const patienceMs = 5_000;

/** What `/status` says in one conversation of an agent: lines of `name: state`. */
export async function statusLines(options: StatusOptions): Promise<[name: string, state: string][]> {
  const { asked, conversation, store, models, channels, waiting, tools, timezone, version } = options;
  const { id, agent, memory, modelName } = asked;
  const session = store.sessions.current(id, conversation);
  const name = modelName(conversation);
  const window = await models
    .use(name)
    .contextTokens(AbortSignal.timeout(patienceMs))
    .catch(() => undefined);
  const description = models.list().find((one) => one.name === name)?.description ?? "";
  const reach = window === undefined ? "not to be reached now" : `window ${window} tokens`;
  const used = await agent.requestTokens(session);
  const full = window === undefined ? "" : `, ${Math.round((100 * used) / window)} %`;
  const leftOut = tools.problems.length > 0 ? `; left out: ${tools.problems.join("; ")}` : "";
  return [
    ["agent", agent.name],
    ["model", `${name} (${description}), ${reach}`],
    ["trust", trustOf(agent.taints(session))],
    ["in view", `about ${used} tokens${full}`],
    ["memory", (await memory.status()).text],
    ...channels.flatMap((channel) => channel.status?.() ?? []),
    ["waiting", waiting === 0 ? "nothing" : `${waiting} messages`],
    ["tools", `${tools.count}${leftOut}`],
    ["time zone", timezone],
    ["version", version],
  ];
}

function trustOf(taints: readonly string[]): string {
  if (taints.length === 0) return "nothing from outside in view";
  const sources = taints.map((source) => `\`${source.replaceAll("`", "'")}\``);
  return `text from outside is in view, so I ask before I do much: ${sources.join(", ")}`;
}
