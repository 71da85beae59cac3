import type { Logger } from "../../log.ts";
import type { Incoming } from "./incoming.ts";
import { safeName } from "./names.ts";
import { hourMs, type Notices } from "./notices.ts";
import type { RoomView } from "./rooms.ts";
import type { Trust } from "./trust.ts";

export interface GenuineOptions {
  /** Rooms that are not encrypted are not answered. */
  encryptedOnly: boolean;
  trust: Trust;
  notices: Notices;
  log: Logger;
}

/**
 * Tells whether words come from the one whose name they bear, as far as keys can show it. What is not genuine is nobody's
 * order: it is logged without its words, and the owner hears of it once an hour.
 */
export function createGenuine({ encryptedOnly, trust, notices, log }: GenuineOptions) {
  function refuse({ id, sender }: Incoming, why: string, subject: string, sentence: string): false {
    log.warn(why, { sender, event: id });
    notices.tellHome(sentence, { subject, everyMs: hourMs });
    return false;
  }

  return async function isGenuine(incoming: Incoming, view: RoomView): Promise<boolean> {
    const { sender, encrypted } = incoming;
    const [room, person] = [view.name || view.id, safeName(sender, 100)];
    if (!view.encrypted) {
      if (!encryptedOnly) return true;
      const sentence = `I do not answer in ${room}: it is not encrypted, and the config asks for that.`;
      return refuse(incoming, "The room is not encrypted: not answered", `unencrypted ${view.id}`, sentence);
    }
    if (!encrypted) {
      const sentence = `Something came unencrypted into the encrypted room ${room}, in the name of ${person}. I have not followed it.`;
      return refuse(incoming, "Unencrypted in an encrypted room: not followed", `plain ${view.id}`, sentence);
    }
    if (!(await trust.identityChanged(sender))) return true;
    const sentence = `The keys of ${person} are not those that I knew. I follow nothing from there until that is confirmed on my machine: \`memtrix doctor devices --trust\`.`;
    return refuse(incoming, "The identity of a person has changed: not followed", `identity ${sender}`, sentence);
  };
}
