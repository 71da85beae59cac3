import type { MatrixEvent } from "matrix-js-sdk";
import type { DeviceDatabase } from "./device-database.ts";

/** Each message key may open one event: whoever runs the homeserver could send an old ciphertext again as a new one. */
export interface ReplayGuard {
  /** True when the keys of this readable event have opened another event before. */
  isReplayed(event: MatrixEvent): boolean;
  /** Writes down which event its keys have opened. */
  remember(event: MatrixEvent): void;
}

export function createReplayGuard({ database }: DeviceDatabase): ReplayGuard {
  const get = database.prepare("SELECT event FROM opened WHERE session = ? AND number = ?");
  const add = database.prepare("INSERT INTO opened (session, number, event) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");

  return {
    isReplayed(event) {
      const key = messageKeyOf(event);
      const known = key && get.get(key.session, key.number)?.event;
      return known !== undefined && known !== event.getId();
    },
    remember(event) {
      const key = messageKeyOf(event);
      if (key) add.run(key.session, key.number, event.getId() ?? "");
    },
  };
}

/** Session and number of the key; undefined for an event that is not encrypted. */
function messageKeyOf(event: MatrixEvent): { session: string; number: number } | undefined {
  const { session_id, ciphertext } = event.getWireContent();
  if (!event.isEncrypted() || typeof session_id !== "string" || typeof ciphertext !== "string") return undefined;
  return { session: session_id, number: messageNumber(Buffer.from(ciphertext.slice(0, 24), "base64")) };
}

/** A Megolm message: a byte for the version, then 0x08 and its number, seven bits a byte, lowest first; all of it signed. */
function messageNumber(bytes: Uint8Array): number {
  let number = 0;
  for (let place = 0; place < 5; place += 1) {
    const byte = bytes[2 + place] ?? 0;
    number += (byte & 0x7f) * 2 ** (7 * place);
    if (byte < 0x80) break;
  }
  return number;
}
