import { messageOf } from "../../src/errors.ts";
import { endpoints } from "../../src/homeserver/endpoints.ts";
import { askHomeserver, homeserverAddress } from "../../src/homeserver/homeserver-request.ts";
import { adviceOn, type Surroundings } from "../surroundings.ts";

/** Asks a homeserver whether it is one. Never throws; a problem is a sentence. */
export async function checkHomeserver(
  address: string,
  surroundings: Surroundings,
  signal?: AbortSignal,
): Promise<string | undefined> {
  try {
    const homeserver = homeserverAddress(address);
    const answer = await askHomeserver({ homeserver, endpoint: endpoints.versions, limitMs: 15_000, signal });
    if (answer.ok && Array.isArray(answer.body.versions)) return undefined;
    return `${homeserver} answers, but not as a Matrix homeserver does.`;
  } catch (error) {
    return [messageOf(error), adviceOn(address, surroundings)].filter(Boolean).join(" ");
  }
}
