import type { UIAuthCallback } from "matrix-js-sdk/lib/interactive-auth.js";
import { z } from "zod";
import { ConfigError } from "../../errors.ts";

const challenge = z.object({
  httpStatus: z.literal(401),
  data: z.object({
    session: z.string().optional(),
    flows: z.array(z.object({ stages: z.array(z.string()) })).default([]),
  }),
});

/**
 * Shows the homeserver that it is the account's owner who asks, as far as it wants to be shown: not at all, by a mere
 * word, or by the password.
 * @throws ConfigError when it wants a password that is not given, or something else.
 */
export function userInteractiveAuth(user: string, password: string | undefined): UIAuthCallback<void> {
  return async (request) => {
    try {
      return await request(null);
    } catch (error) {
      const asked = challenge.safeParse(error);
      if (!asked.success) throw error;
      const { session, flows } = asked.data.data;
      const offers = (stage: string) => flows.some(({ stages }) => stages.every((one) => one === stage));
      if (offers("m.login.dummy")) return request({ type: "m.login.dummy", ...(session ? { session } : {}) });
      if (!offers("m.login.password")) throw unknownProof(user, flows);
      if (password === undefined) throw passwordWanted(user);
      const identifier = { type: "m.id.user", user };
      return request({ type: "m.login.password", identifier, password, ...(session ? { session } : {}) });
    }
  };
}

function passwordWanted(user: string): ConfigError {
  return new ConfigError(`The homeserver wants the password of ${user} before it takes a new identity: give it.`);
}

function unknownProof(user: string, flows: readonly { stages: string[] }[]): ConfigError {
  const wanted = flows.map(({ stages }) => stages.join(" and ")).join(", or ") || "something unknown";
  return new ConfigError(
    `Before it takes a new identity for ${user}, the homeserver wants ${wanted}, which only its own pages can do: set up the secure backup of this account in Element, and give its recovery key here.`,
  );
}
