import { type MatrixClient, Method } from "matrix-js-sdk";

/** A homeserver does one thing after the other: an answer that is there by then does not wait behind the receipt. */
const momentMs = 300;

/** Shows the person, a moment later, that a message was read. Best effort. */
export function sendReceipt(client: Pick<MatrixClient, "http">, room: string, event: string): void {
  const path = `/rooms/${encodeURIComponent(room)}/receipt/m.read/${encodeURIComponent(event)}`;
  setTimeout(() => {
    client.http.authedRequest(Method.Post, path, undefined, {}).catch(() => {});
  }, momentMs).unref();
}
