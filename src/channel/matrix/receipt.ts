import { type MatrixClient, Method } from "matrix-js-sdk";

/** Shows the person that a message was read. Best effort. */
export function sendReceipt(client: Pick<MatrixClient, "http">, room: string, event: string): void {
  const path = `/rooms/${encodeURIComponent(room)}/receipt/m.read/${encodeURIComponent(event)}`;
  client.http.authedRequest(Method.Post, path, undefined, {}).catch(() => {});
}
