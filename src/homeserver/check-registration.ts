import { z } from "zod";
import { endpoints } from "./endpoints.ts";
import { askHomeserver } from "./homeserver-request.ts";
import { registrationClosed, tokenRefused } from "./register-with-token.ts";

export interface RegistrationCheck {
  homeserver: string;
  token: string;
  signal?: AbortSignal | undefined;
}

const validity = z.object({ valid: z.boolean() });

/**
 * Whether accounts can be made by this token, as far as that can be told without making one: not every homeserver says
 * beforehand whether a token is right. @throws ConfigError that says what to do.
 */
export async function checkRegistration({ homeserver, token, signal }: RegistrationCheck): Promise<void> {
  const flows = await askHomeserver({ homeserver, endpoint: endpoints.register, signal });
  if (["M_FORBIDDEN", "M_UNRECOGNIZED"].includes(flows.errcode)) throw registrationClosed(homeserver, flows.reason);
  const answer = await askHomeserver({ homeserver, endpoint: endpoints.tokenValidity, token, signal });
  const known = validity.safeParse(answer.body);
  if (answer.ok && known.success && !known.data.valid) throw tokenRefused(homeserver);
}
