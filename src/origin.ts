/** Who a text comes from. `derived`: the agent's own words in a tainted run. Set by code, never by the model. */
export type Origin = "owner" | "agent" | "guest" | "web" | "derived";

/** True when text of this origin makes a run tainted. */
export function isForeign(origin: Origin): boolean {
  return origin === "web" || origin === "guest";
}
