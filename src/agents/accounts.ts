import type { ChangedAccount } from "../store/agent-changes.ts";
import type { AgentBlock } from "./config-block.ts";

/** The accounts of agents beside the main one. */
export interface AgentAccounts {
  /**
   * The account that an agent of this id would have; undefined where agents have none.
   * @throws a sentence where it needs one, and none can be made.
   */
  planned(id: string): ChangedAccount | undefined;
  /** Makes it, with its keys, and keeps what is secret about it. Gives the lines of its block. */
  make(id: string, name: string, account: ChangedAccount): Promise<Partial<AgentBlock>>;
  /** Leaves its rooms and ends its device; the account itself ends where it was made by us. Twice is harmless. */
  close(account: ChangedAccount): Promise<void>;
}

/** For an installation that lives in the terminal alone. */
export const noAccounts: AgentAccounts = {
  planned: () => undefined,
  async make() {
    throw new Error("Agents have no accounts here.");
  },
  async close() {},
};
