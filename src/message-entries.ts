import type { InboundMessage } from "./channel/channel.ts";
import { named } from "./origin.ts";
import type { NewEntry } from "./store/log.ts";
import type { Run } from "./store/runs.ts";
import type { Session } from "./store/sessions.ts";

/** A message as entries of the log: what it quotes, which has an origin of its own, then what it says. */
export function messageEntries(
  { quote, sender, origin, text, at }: InboundMessage,
  run: Run,
  session: Session,
): NewEntry[] {
  const base = { session: session.id, run: run.id, at, role: "user" as const };
  const said: NewEntry = { ...base, sender, origin, text: named(sender, origin, text) };
  return quote ? [{ ...base, sender: quote.sender, origin: quote.origin, text: quote.text }, said] : [said];
}
