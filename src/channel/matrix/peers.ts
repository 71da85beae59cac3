import type { MatrixClient } from "matrix-js-sdk";
import type { Origin } from "../../origin.ts";
import type { Store } from "../../store/store.ts";
import { transactionKey } from "./delivered.ts";
import type { People } from "./people.ts";

/** The other agents of this installation, in the rooms that this one shares with them. */
export interface Peers {
  /** Those in a room, by name. */
  in(room: string): Peer[];
  /** A person has said something there: the agents may hand on to one another again. */
  personSpoke(room: string): void;
  /**
   * A peer has said something there. True when this agent, if it is mentioned, is to answer: no more than so many answers
   * follow on each other before a person says something.
   */
  peerSpoke(room: string): boolean;
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
  /** How many answers between agents may follow each word of a person, in a room. */
  mostAnswers(room: string): number;
  store: Pick<Store, "outbox" | "inbox" | "runs">;
}

export function createPeers({ channel, client, userId, people, mostAnswers, store }: PeersOptions): Peers {
  /** How often agents have spoken since a person did. After a start nothing is known: a person has to speak first. */
  const spoken = new Map<string, number>();

  return {
    in(roomId) {
      const members = client.getRoom(roomId)?.getMembers() ?? [];
      return members.flatMap(({ userId: id, membership }) => {
        const name = people.agentName(id);
        return name !== undefined && id !== userId && membership === "join" ? [{ userId: id, name }] : [];
      });
    },
    personSpoke: (room) => void spoken.set(room, 0),
    peerSpoke(room) {
      const count = (spoken.get(room) ?? Number.POSITIVE_INFINITY) + 1;
      spoken.set(room, count);
      return count <= mostAnswers(room);
    },
    originOf(content) {
      const row = store.outbox.ofTransaction(channel, String(content[transactionKey] ?? ""));
      if (!row) return "web";
      const runs = row.answers.flatMap((id) => store.inbox.get(id)?.run ?? []);
      return runs.some((run) => store.runs.isTainted(run)) ? "web" : "agent";
    },
  };
}
