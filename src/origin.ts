/** Who a text comes from. `derived`: the agent's own words in a tainted run. Set by code, never by the model. */
export type Origin = "owner" | "agent" | "guest" | "web" | "derived";

/** Words as the model reads them: it is told whose they are, where they are not its owner's. */
export function named(sender: string, origin: Origin, words: string): string {
  return origin === "owner" ? words : `${sender}: ${words}`;
}

/** True when text of this origin makes a run tainted. */
export function isForeign(origin: Origin): boolean {
  return origin === "web" || origin === "guest";
}
