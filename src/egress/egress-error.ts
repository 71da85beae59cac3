/** Why a request was not made, or did not end well. The sentence names the origin and the reason, never path or query. */
export class EgressError extends Error {
  override name = "EgressError";
}
