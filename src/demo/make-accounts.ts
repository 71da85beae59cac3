import { randomBytes } from "node:crypto";
import { anyFree } from "../child/free-port.ts";
import { type Account, createAccount } from "../homeserver/accounts.ts";
import { installPrivateSynapse, startPrivateSynapse } from "../homeserver/private-synapse.ts";
import type { Logger } from "../log.ts";

/** An account of the demo's homeserver, logged in. All but the id and the device are secrets. */
export interface DemoAccount extends Account {
  password: string;
}

export interface DemoAccounts {
  homeserver: string;
  agent: DemoAccount;
  /** The second account, whose owner the agent obeys. */
  person: DemoAccount;
}

export interface MakeAccounts {
  /** data/homeserver */
  directory: string;
  agentName: string;
  personName: string;
  /** Done with the agent's account while the homeserver still runs. */
  setUpKeys(homeserver: string, agent: DemoAccount): Promise<void>;
  onProgress(sentence: string): void;
  log: Logger;
  signal: AbortSignal;
}

/** Installs a private homeserver where there is none, and makes two accounts on it. It does not run afterwards. */
export async function makeAccounts(options: MakeAccounts): Promise<DemoAccounts> {
  const { directory, agentName, personName, setUpKeys, onProgress, log, signal } = options;
  // Not the usual port: that is the real one's, which may be started meanwhile.
  const port = await anyFree();
  const { registrationSharedSecret: secret } = await installPrivateSynapse({ directory, port, onProgress, signal });
  onProgress("Starting the homeserver");
  const running = await startPrivateSynapse({ directory, log, signal });
  const homeserver = running.url;
  try {
    onProgress("Making two accounts, with keys for encryption");
    const make = async (displayName: string): Promise<DemoAccount> => {
      const password = randomBytes(12).toString("hex");
      const by = { kind: "shared-secret", secret } as const;
      const localpart = displayName.toLowerCase();
      return { ...(await createAccount({ homeserver, localpart, password, displayName, by, signal })), password };
    };
    const person = await make(personName);
    const agent = await make(agentName);
    await setUpKeys(homeserver, agent);
    return { homeserver, agent, person };
  } finally {
    await running.stop();
  }
}
