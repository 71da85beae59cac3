import type { MatrixClient } from "matrix-js-sdk";
import type { Origin } from "../../origin.ts";
import type { Store } from "../../store/store.ts";
import { transactionKey } from "./delivered.ts";
import type { HandOns } from "./hand-ons.ts";
import type { People } from "./people.ts";

/** The other agents of this installation, in the rooms that this one shares with them. */
export interface Peers {
  /** Those in a room that can hear. */
  in(room: string): Peer[];
  /** A person has said this there: the agents may hand on to one another again. */
  personSpoke(room: string, message: string): void;
  /** Nobody is handed on to there until a person speaks. */
  silence(room: string): void;
  /**
   * A peer has mentioned this agent there. True when it is to answer, which counts: no more than so many such answers
   * of all agents together follow each message of a person.
   */
  handOn(room: string): boolean;
  /** Where the words of a peer come from: from outside, when its run had read from there. */
  originOf(content: Record<string, unknown>): Origin;
}

export interface Peer {
  userId: string;
  name: string;
}

export interface PeersOptions {
  channel: string;
  client: Pick<MatrixClient, "getRoom">;
  userId: string;
  people: People;
  /** One for all agents. */
  handOns: HandOns;
  /** How many answers between agents may follow each message of a person, in a room. */
  mostAnswers(room: string): number;
  store: Pick<Store, "outbox" | "inbox" | "runs">;
}

export function createPeers(options: PeersOptions): Peers {
  const { channel, client, userId, people, handOns, mostAnswers, store } = options;
  /** The newest message of a person in each room. After a start nothing is known: a person has to speak first. */
  const newest = new Map<string, string>();

  return {
    in(roomId) {
      const members = client.getRoom(roomId)?.getMembers() ?? [];
      return members.flatMap(({ userId: id, membership }) => {
        const agent = people.agentOf(id);
        return agent?.isHere() && id !== userId && membership === "join" ? [{ userId: id, name: agent.name }] : [];
      });
    },
    personSpoke: (room, message) => void newest.set(room, message),
    silence: (room) => void newest.delete(room),
    handOn(room) {
      const message = newest.get(room);
      return message !== undefined && handOns.take(room, message, mostAnswers(room));
    },
    originOf(content) {
      const row = store.outbox.ofTransaction(channel, String(content[transactionKey] ?? ""));
      if (!row) return "web";
      const runs = row.answers.flatMap((id) => store.inbox.get(id)?.run ?? []);
      return runs.some((run) => store.runs.isTainted(run)) ? "web" : "agent";
    },
  };
}
