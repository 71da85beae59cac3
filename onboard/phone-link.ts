import { isIP } from "node:net";
import encodeQr from "qr";

/** Opens the conversation with an account in the Matrix app of a phone; undefined where a phone cannot reach the homeserver. */
export function phoneLink(homeserver: string, userId: string): string | undefined {
  if (!URL.canParse(homeserver)) return undefined;
  const { hostname } = new URL(homeserver);
  const isOwn = hostname === "localhost" || hostname === "[::1]" || /^(127\.|0\.)/.test(hostname);
  // A name without a dot is known to a network of containers, or to one machine.
  const isName = isIP(hostname) !== 0 || hostname.startsWith("[") || hostname.includes(".");
  return isOwn || !isName ? undefined : `https://matrix.to/#/${userId}`;
}

/** A QR code for a terminal: dark on light whatever its colours, or in plain characters, which takes a dark background. */
export function qrLines(text: string, useColor: boolean): string[] {
  const lines = encodeQr(text, "ascii", { border: 2 }).split("\n").filter(Boolean);
  return useColor ? lines.map((line) => `\u001b[97;40m${line}\u001b[0m`) : lines;
}
