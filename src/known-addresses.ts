import type { Log } from "./store/log.ts";
import type { Run } from "./store/runs.ts";

/**
 * Whether an address was typed by the owner in this session, or stood in a result of this run: whole, as it is. What a
 * tainted run says beside these may be an address that carries something away.
 */
export function knownAddresses(log: Pick<Log, "newestFirst">, run: Run): (address: string) => boolean {
  const heard: string[] = [];
  for (const entry of log.newestFirst(run.session, 0)) {
    const isOwners = entry.role === "user" && entry.origin === "owner";
    if (isOwners || (entry.run === run.id && entry.role !== "assistant")) heard.push(entry.text);
  }
  return (address) => heard.some((text) => standsWhole(address, text));
}

/** Nothing but closing punctuation may follow it before the next space, quote or bracket. */
function standsWhole(address: string, text: string): boolean {
  for (let at = text.indexOf(address); at !== -1; at = text.indexOf(address, at + 1)) {
    const rest = /^[^\s<>"'`()[\]{}|]*/.exec(text.slice(at + address.length))?.[0] ?? "";
    const before = text[at - 1];
    if (/^[.,;:!?]*$/.test(rest) && (before === undefined || /[\s<>"'`()[\]{}|:,;]/.test(before))) return true;
  }
  return false;
}
