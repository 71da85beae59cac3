import type { Logger } from "../../log.ts";
import type { Store } from "../../store/store.ts";
import type { Channel } from "../channel.ts";
import { type Account, type AccountHealth, createAccount, type MatrixSettings } from "./account.ts";
import type { MatrixConnection } from "./connection.ts";
import { createHandOns } from "./hand-ons.ts";
import type { OnMessage } from "./intake.ts";
import type { FileKeeper } from "./media/file-keeper.ts";
import type { OurAgent } from "./people.ts";

export type { AccountHealth, MatrixSettings } from "./account.ts";

/** A homeserver as a channel: each agent with an account of its own. */
export interface MatrixChannel extends Channel {
  /** The truth about each account, for `/status`. */
  health(): AccountHealth[];
  /** Takes one more agent in, while the channel runs. */
  add(account: MatrixAccount): Promise<void>;
  /** Lets an agent go: nothing of it comes or goes any more. Its connection is closed. */
  remove(agent: string): Promise<void>;
}

export interface MatrixChannelOptions {
  /** The channel's name in the config; conversations begin with it. */
  name: string;
  accounts: readonly MatrixAccount[];
  /** Agents whose accounts come later, if they can be opened: none of them is a stranger meanwhile. */
  expected?: readonly { agent: string; name: string; userId: string }[];
  settings: MatrixSettings;
  store: Store;
  /** Ends the run that works on a message which was taken back. */
  withdraw(message: { agent: string; conversation: string; inbox: number }): void;
  /** Ends what an agent does in a conversation; true when there was something. */
  stop(agent: string, conversation: string): boolean;
  /** The login of an agent's account is over: nothing of it comes or goes any more. One sentence with its remedy. */
  onEnded?(problem: string, agent: string): void;
  log: Logger;
  now(): Date;
}

export interface MatrixAccount {
  agent: string;
  /** As the owner calls the agent. */
  name: string;
  connection: MatrixConnection;
  /** Full ids of those who may write to it beside the owners. */
  allowed: readonly string[];
  /** The first words in the direct room with the owner; left out, no such room is made. */
  greeting?: string;
  /** Where the files go that come with messages; left out, they cannot be opened. */
  files?: FileKeeper;
  /** The most people in a room; a larger one is left. */
  mostPeople?: number;
}

export function createMatrixChannel(options: MatrixChannelOptions): MatrixChannel {
  const { name, settings, store, withdraw, log, now, onEnded = () => {} } = options;
  const accounts = new Map<string, Account>();
  const ours = new Map<string, OurAgent>();
  const handOns = createHandOns();
  // Whoever has the account of an agent that is gone gives no orders with it.
  for (const { agent, account } of store.agentChanges.former())
    if (account) introduce({ agent, name: agent, userId: account });
  for (const { agent, name, connection } of options.accounts) introduce({ agent, name, userId: connection.userId });
  for (const agent of options.expected ?? []) introduce(agent);
  for (const account of options.accounts) accounts.set(account.agent, open(account));
  let onMessage: OnMessage | undefined;

  function introduce({ agent, name, userId }: { agent: string; name: string; userId: string }): void {
    ours.set(userId, { agent, name, isHere: () => accounts.has(agent) });
  }

  function open(account: MatrixAccount): Account {
    // The first one is the main agent's: the space is its.
    const [first] = accounts.values();
    return createAccount({
      ...{ ...account, channel: name, ours, handOns, settings, store, withdraw, log, now },
      onEnded: (problem) => onEnded(problem, account.agent),
      stop: (conversation) => options.stop(account.agent, conversation),
      ...(first && { onDirectRoom: first.hold }),
    });
  }

  const each = (work: (account: Account) => Promise<void>) => Promise.all([...accounts.values()].map(work));

  return {
    name,
    async start(deliver) {
      onMessage = deliver;
      await each((account) => account.start(deliver));
    },
    async stop() {
      await each((account) => account.stop());
    },
    async close() {
      await each((account) => account.close());
    },
    async add(account) {
      introduce({ agent: account.agent, name: account.name, userId: account.connection.userId });
      const added = open(account);
      accounts.set(account.agent, added);
      if (onMessage) await added.start(onMessage);
    },
    async remove(agent) {
      const account = accounts.get(agent);
      accounts.delete(agent);
      // Its id stays one of ours: what it has said is nobody's order.
      await account?.stop();
      await account?.close();
    },
    health: () => [...accounts.values()].map((account) => account.health()),
    status: () =>
      [...accounts.values()].map((account): [string, string] => {
        return [accounts.size === 1 ? name : `${name}, ${account.agent}`, statusOf(account.health(), now())];
      }),
  };
}

/** One line of `/status`: the truth, the worst first. */
function statusOf(health: AccountHealth, now: Date): string {
  const { lastSyncAt, undecryptable, waitingForKeys, keysStored, crossSigned, backup, waiting, problem, stuck } =
    health;
  const heard = lastSyncAt
    ? `heard ${Math.round((now.getTime() - lastSyncAt.getTime()) / 1000)} s ago`
    : "not heard yet";
  const keys = [
    keysStored ? "keys stored" : "keys not stored",
    crossSigned ? "verified by its own identity" : "not cross-signed",
    backup ? "key backup on" : "no key backup",
  ].join(", ");
  return [
    problem,
    stuck,
    undecryptable >= 3 ? `degraded: ${undecryptable} messages of the last two minutes could not be read` : undefined,
    heard,
    keys,
    waitingForKeys > 0 ? `${waitingForKeys} messages wait for their keys` : undefined,
    waiting > 0 ? `${waiting} messages wait to leave` : undefined,
  ]
    .filter(Boolean)
    .join("; ");
}
