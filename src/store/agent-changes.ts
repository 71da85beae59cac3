import type { DatabaseSync } from "node:sqlite";
import type { Transactions } from "./transactions.ts";

/** Agents that are being made or unmade, each step written down before it is done; and those that there were. */
export interface AgentChanges {
  /** Throws where one of this id is under way. A deletion takes the id out of use in the same moment. */
  begin(change: NewAgentChange): void;
  /** What is done next. */
  step(agent: string, step: string): void;
  /** All is done, or nothing is left of it. */
  end(agent: string): void;
  open(): AgentChange[];
  /** The id, and its account, are never used again. */
  retire(agent: string, account: string | undefined): void;
  /** Ids that were in use once. */
  former(): FormerAgent[];
}

export interface NewAgentChange {
  agent: string;
  kind: "create" | "delete";
  account: ChangedAccount | undefined;
  /** Names of the secrets that are its own. */
  secrets: readonly string[];
}

export interface AgentChange extends NewAgentChange {
  step: string;
}

/** What is needed to close an account; as in the config, so `$NAME` for what is secret. */
export interface ChangedAccount {
  homeserver: string;
  userId: string;
  accessToken: string;
  /** Undefined where the account was there before: it is left, and not closed. */
  password?: string | undefined;
}

export interface FormerAgent {
  agent: string;
  account: string | undefined;
}

export function createAgentChanges(database: DatabaseSync, transactions: Transactions, now: () => Date): AgentChanges {
  const insert = database.prepare(
    "INSERT INTO agent_change (agent, kind, step, account, secrets, at) VALUES (?, ?, 'begun', ?, ?, ?)",
  );
  const step = database.prepare("UPDATE agent_change SET step = ? WHERE agent = ?");
  const remove = database.prepare("DELETE FROM agent_change WHERE agent = ?");
  const open = database.prepare("SELECT * FROM agent_change ORDER BY at");
  const retire = database.prepare(
    "INSERT INTO former_agent (agent, account, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const former = database.prepare("SELECT agent, account FROM former_agent ORDER BY agent");

  return {
    begin({ agent, kind, account, secrets }) {
      const at = now().getTime();
      transactions.run(() => {
        if (kind === "delete") retire.run(agent, account?.userId ?? null, at);
        insert.run(agent, kind, account ? JSON.stringify(account) : null, JSON.stringify(secrets), at);
      });
    },
    step: (agent, next) => void step.run(next, agent),
    end: (agent) => void remove.run(agent),
    open: () =>
      open.all().map((row) => {
        const { agent, kind, step, account, secrets } = row as never;
        const known = account === null ? undefined : JSON.parse(account);
        return { agent, kind, step, account: known, secrets: JSON.parse(secrets) };
      }),
    retire: (agent, account) => void retire.run(agent, account ?? null, now().getTime()),
    former: () =>
      former.all().map((row) => {
        const { agent, account } = row as never;
        return { agent, account: account ?? undefined };
      }),
  };
}
