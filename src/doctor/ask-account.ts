import type { z } from "zod";
import { homeserverAddress } from "../homeserver/homeserver-request.ts";
import type { AgentAccount } from "./matrix-accounts.ts";

/** What the homeserver answers to an account, in the form of `schema`; undefined for what is not there. */
export async function askAccount<Schema extends z.ZodType>(
  { homeserver, accessToken }: AgentAccount,
  path: string,
  schema: Schema,
  { signal, body }: { signal: AbortSignal; body?: object },
): Promise<z.infer<Schema> | undefined> {
  const response = await fetch(`${homeserverAddress(homeserver)}/_matrix/client/v3/${path}`, {
    headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" },
    ...(body ? { method: "POST", body: JSON.stringify(body) } : {}),
    ...{ redirect: "manual", signal },
  });
  if (response.status === 404) return undefined;
  const answer = schema.safeParse(await response.json().catch(() => undefined));
  if (response.ok && answer.success) return answer.data;
  throw new Error(`the homeserver does not tell of the keys (${response.status})`);
}
