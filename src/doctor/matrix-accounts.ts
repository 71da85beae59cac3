import type { Config } from "../config/config.ts";

/** An account that an agent logs in with, secrets filled in. */
export interface AgentAccount {
  agent: string;
  homeserver: string;
  userId: string;
  accessToken: string;
  recoveryKey: string | undefined;
}

/** The accounts of the main agent and of those beside it. Empty where none lives in Matrix. */
export function accountsOf({ "main-agent": main, agents, channels }: Config): AgentAccount[] {
  const section = channels[main.channel];
  const own = section?.type === "matrix" ? [{ ...section, agent: main.name, channel: main.channel }] : [];
  const others = Object.values(agents).map((agent) => ({ ...agent, agent: agent.name }));
  return [...own, ...others].flatMap(({ agent, channel, user_id, access_token, recovery_key }) => {
    const where = channels[channel];
    if (where?.type !== "matrix" || !user_id || !access_token) return [];
    const { homeserver } = where;
    return [{ agent, homeserver, userId: user_id, accessToken: access_token, recoveryKey: recovery_key ?? undefined }];
  });
}

export function homeserversIn(config: Config): string[] {
  return [...new Set(accountsOf(config).map(({ homeserver }) => homeserver))];
}
