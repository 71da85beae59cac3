import { createHmac } from "node:crypto";
import { z } from "zod";
import { ConfigError } from "../errors.ts";
import { endpoints } from "./endpoints.ts";
import { askHomeserver, type HomeserverAnswer } from "./homeserver-request.ts";
import type { Registration } from "./register-with-token.ts";

const nonceAnswer = z.object({ nonce: z.string() });

/** Makes an account with Synapse's `registration_shared_secret`. Gives its answer, also a refusal of the name. */
export async function registerWithSecret(options: Registration & { secret: string }): Promise<HomeserverAnswer> {
  const { homeserver, localpart, password, deviceName, secret, signal } = options;
  const offered = nonceAnswer.safeParse(
    (await askHomeserver({ homeserver, endpoint: endpoints.sharedSecretNonce, signal })).body,
  );
  if (!offered.success) {
    throw new ConfigError(
      `${homeserver} makes no accounts by a shared secret: use its registration token, or make the account there and give its access token here.`,
    );
  }
  const { nonce } = offered.data;
  const mac = createHmac("sha1", secret).update([nonce, localpart, password, "notadmin"].join("\0")).digest("hex");
  const answer = await askHomeserver({
    ...{ homeserver, endpoint: endpoints.sharedSecretRegister, signal },
    body: { nonce, mac, username: localpart, password, admin: false, initial_device_display_name: deviceName },
  });
  if (answer.status === 403) {
    throw new ConfigError(
      `${homeserver} does not take the shared secret: it is registration_shared_secret in its homeserver.yaml.`,
    );
  }
  return answer;
}
