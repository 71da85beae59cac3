import type { z } from "zod";
import { askHomeserver, refusalOf } from "../homeserver/homeserver-request.ts";
import type { AgentAccount } from "./matrix-accounts.ts";

/** What the homeserver answers to an account, in the form of `schema`; undefined for what is not there. */
export async function askAccount<Schema extends z.ZodType>(
  { homeserver, accessToken }: AgentAccount,
  path: string,
  schema: Schema,
  { signal, body }: { signal: AbortSignal; body?: Readonly<Record<string, unknown>> },
): Promise<z.infer<Schema> | undefined> {
  const endpoint = { method: body ? "POST" : "GET", path: `/_matrix/client/v3/${path}` } as const;
  const asked = await askHomeserver({ homeserver, endpoint, accessToken, signal, ...(body && { body }) });
  if (asked.status === 404) return undefined;
  const answer = schema.safeParse(asked.body);
  if (asked.ok && answer.success) return answer.data;
  throw refusalOf(asked, homeserver, "does not tell of the keys");
}
