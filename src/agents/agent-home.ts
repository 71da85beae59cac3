/** What gives an agent its place in the channel where the main one lives, and takes it away. */
export interface AgentHome {
  /** The agent is open, and stands in the config: from now on it is there, and says hello. */
  add(agent: string): Promise<void>;
  /** Nothing of it comes or goes any more. One that is not there is passed over. */
  remove(agent: string): Promise<void>;
}
