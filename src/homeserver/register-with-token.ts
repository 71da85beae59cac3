import { ConfigError } from "../errors.ts";
import { endpoints } from "./endpoints.ts";
import type { HomeserverAnswer } from "./homeserver-request.ts";
import { askInteractively } from "./user-interactive.ts";

export interface Registration {
  homeserver: string;
  localpart: string;
  password: string;
  deviceName: string;
  signal?: AbortSignal | undefined;
}

/** Makes an account with the token that the homeserver's owner has set. Gives its answer, also a refusal of the name. */
export async function registerWithToken(options: Registration & { token: string }): Promise<HomeserverAnswer> {
  const { homeserver, localpart, password, deviceName, token, signal } = options;
  const answer = await askInteractively({
    ...{ homeserver, endpoint: endpoints.register, signal },
    body: { username: localpart, password, initial_device_display_name: deviceName },
    stages: {
      "m.login.registration_token": { token },
      "org.matrix.msc3231.login.registration_token": { token },
      "m.login.dummy": {},
    },
    refused: () => tokenRefused(homeserver),
  });
  if (answer.errcode === "M_FORBIDDEN" || answer.errcode === "M_UNRECOGNIZED")
    throw registrationClosed(homeserver, answer.reason);
  return answer;
}

export function tokenRefused(homeserver: string): ConfigError {
  return new ConfigError(
    `${homeserver} does not take the registration token: it is another one, or it was used up. The homeserver's configuration has it.`,
  );
}

/** `reason`: in the homeserver's own words. */
export function registrationClosed(homeserver: string, reason: string): ConfigError {
  return new ConfigError(
    `${homeserver} makes no accounts for us, since its registration is closed (${reason}): open it with a token in its configuration, or make the account there and give its access token here.`,
  );
}
