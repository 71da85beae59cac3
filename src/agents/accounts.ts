import type { ChangedAccount } from "../store/agent-changes.ts";
import type { AgentBlock } from "./config-block.ts";

/** The accounts of agents beside the main one. */
export interface AgentAccounts {
  /**
   * The account that an agent of this id would have; undefined where agents have none.
   * @throws a sentence where it needs one, and none can be made.
   */
  planned(id: string): ChangedAccount | undefined;
  /** The account that a login is for, which an agent of this id is to have. @throws ConfigError when it cannot be that. */
  given(id: string, login: GivenLogin): Promise<ChangedAccount>;
  /** Makes it, and keeps what is secret about it; its keys are made when it is opened. Gives the lines of its block. */
  make(id: string, name: string, account: ChangedAccount): Promise<Partial<AgentBlock>>;
  /** Takes the one that is given, with its keys, and keeps what is secret about it. Gives the lines of its block. */
  take(id: string, account: ChangedAccount, login: GivenLogin): Promise<Partial<AgentBlock>>;
  /** Leaves its rooms and ends its device; the account itself ends where it was made by us. Twice is harmless. */
  close(account: ChangedAccount): Promise<void>;
}

/** Of an account that is there already. Both are secrets. */
export interface GivenLogin {
  accessToken: string;
  recoveryKey: string | undefined;
}
