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
  /** Tool calls that are not over yet, by their message: shown when they are, above what came meanwhile. */
  const underWay = new Set<string>();
  const later: Message[] = [];
  const hosts = new Map<string, string>();
  let shownRoom: string | undefined;

  /** A line between what was answered and what is said next, which tells where that is when it is elsewhere. */
  function turn({ room }: Message): void {
    screen.plain();
    const host = hosts.get(room);
    if (host && shownRoom !== undefined && shownRoom !== room) screen.remark(`In the room with ${nameOf(host)}:`);
  }

  function said(message: Message): Said {
    const { sender, at, body, kind } = message;
    const who = sender === person ? "person" : sender === agent ? "agent" : "other-agent";
    return { at, who, name: nameOf(sender), text: body, isAside: kind === "notice" && body.startsWith("- ") };
  }

  function put(message: Message): void {
    const { room, sender, kind } = message;
    if (sender !== person && !hosts.has(room)) hosts.set(room, sender);
    if (sender === person && kind === "text") turn(message);
    shownRoom = room;
    screen.said(said(message));
  }

  return {
    message(message) {
      const { kind, sender, of, body, id } = message;
      const isUnfinished = kind === "notice" && body.includes("⏳");
      // The agent lays both answers on its question, to be tapped.
      if (kind === "reaction" && sender !== person) return;
      if (isUnfinished) return void underWay.add(of ?? id);
      if (kind === "reaction" || of === undefined) return void (underWay.size > 0 ? later.push(message) : put(message));
      if (!underWay.delete(of)) return;
      put(message);
      if (underWay.size === 0) for (const one of later.splice(0)) put(one);
    },
    invited(from) {
      screen.plain();
      screen.remark(`${nameOf(from)} invites Ada to an encrypted room, and she comes in.`);
      screen.plain();
    },
    isUnderWay: () => underWay.size > 0,
  };
}

/** The name in an account's id, as its owner would write it. */
export function nameOf(userId: string): string {
  const local = userId.slice(1).split(":")[0] ?? userId;
  return local.charAt(0).toUpperCase() + local.slice(1);
}
