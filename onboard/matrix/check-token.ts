import { messageOf } from "../../src/errors.ts";
import { checkToken } from "../../src/homeserver/accounts.ts";

/** Asks the homeserver whose token it is. Never throws; a problem is a sentence. */
export async function checkAccessToken(
  homeserver: string,
  accessToken: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  return checkToken({ homeserver, accessToken, signal }).then(() => undefined, messageOf);
}
