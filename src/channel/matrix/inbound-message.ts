import type { InboxRow } from "../../store/inbox.ts";
import type { InboundMessage } from "../channel.ts";

/** A row of the inbox, as it is handed to its agent. */
export function messageIn(row: InboxRow, company: readonly string[] = []): InboundMessage {
  const { id, run, channel, agent, conversation, sender, origin, text, at, quote, exposed } = row;
  return {
    ...{ inbox: id, channel, agent, conversation, sender, origin, text, at },
    ...(run === undefined ? {} : { run }),
    ...(quote ? { quote } : {}),
    ...(exposed ? { exposed } : {}),
    ...(company.length > 0 ? { company } : {}),
  };
}
