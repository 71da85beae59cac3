import type { Message } from "./message.ts";
import type { Said, Screen } from "./screen.ts";

export interface ShowOptions {
  screen: Screen;
  /** Full ids. */
  person: string;
  agent: string;
}

/** Shows the messages of all rooms as one conversation. */
export interface Show {
  message(message: Message): void;
  invited(from: string): void;
  /** Something was shown as under way, and its end is still to come. */
  isUnderWay(): boolean;
}

export function createShow({ screen, person, agent }: ShowOptions): Show {
  /** Tool calls that are not over yet, by their message: shown when they are. */
  const underWay = new Set<string>();
  const hosts = new Map<string, string>();
  let shownRoom: string | undefined;

  /** Says where we are when that is another room than before. */
  function look({ room, sender }: Message): void {
    if (sender !== person && !hosts.has(room)) hosts.set(room, sender);
    const host = hosts.get(room);
    if (shownRoom !== undefined && shownRoom !== room && sender === person && host)
      screen.remark(`In the room with ${nameOf(host)}:`);
    shownRoom = room;
  }

  function said(message: Message): Said {
    const { sender, at, body, kind } = message;
    const who = sender === person ? "person" : sender === agent ? "agent" : "other-agent";
    return { at, who, name: nameOf(sender), text: body, isAside: kind === "notice" && body.startsWith("- ") };
  }

  return {
    message(message) {
      const { kind, sender, of, body, id } = message;
      const isUnfinished = kind === "notice" && body.includes("⏳");
      // The agent lays both answers on its question, to be tapped.
      if (kind === "reaction" && sender !== person) return;
      if (isUnfinished) return void underWay.add(of ?? id);
      if (kind !== "reaction" && of !== undefined && !underWay.delete(of)) return;
      look(message);
      screen.said(said(message));
    },
    isUnderWay: () => underWay.size > 0,
    invited: (from) => screen.remark(`${nameOf(from)} invites Ada to an encrypted room, and she comes in.`),
  };
}

/** The name in an account's id, as its owner would write it. */
export function nameOf(userId: string): string {
  const local = userId.slice(1).split(":")[0] ?? userId;
  return local.charAt(0).toUpperCase() + local.slice(1);
}
