import { z } from "zod";
import { ConfigError } from "../../errors.ts";
import { ask, type Homeserver } from "./homeserver-answer.ts";

const whoami = z.object({ user_id: z.string(), device_id: z.string().optional() });
const keyAnswer = z.object({
  device_keys: z
    .record(z.string(), z.record(z.string(), z.object({ keys: z.record(z.string(), z.string()) })))
    .default({}),
});

/** The device that the token belongs to. */
export async function deviceOfToken(homeserver: Homeserver, userId: string): Promise<string> {
  const { user_id, device_id } = whoami.parse(await ask(homeserver, "account/whoami"));
  if (user_id !== userId) {
    throw new ConfigError(
      `The Matrix token belongs to ${user_id}, but ${userId} is configured: log in again with memtrix onboard --relogin.`,
    );
  }
  if (device_id === undefined) {
    throw new ConfigError(
      `The Matrix token of ${userId} belongs to no device, so that it cannot encrypt: log in again with memtrix onboard --relogin.`,
    );
  }
  return device_id;
}

/** The public key that the homeserver knows this device by; undefined when it has none yet. */
export async function publishedKey(homeserver: Homeserver, user: string, device: string): Promise<string | undefined> {
  const answer = keyAnswer.parse(await ask(homeserver, "keys/query", { device_keys: { [user]: [device] } }));
  return answer.device_keys[user]?.[device]?.keys[`ed25519:${device}`];
}

/** For a device whose keys the homeserver has, while we have none or others: never answered with a new identity. */
export function keysAreGone(user: string, device: string, folder: string): ConfigError {
  return new ConfigError(
    `The keys of the Matrix device ${device} of ${user} are not in ${folder}, but the homeserver knows them: put that folder back from a backup, or, when there is none, get a new device with memtrix onboard --relogin.`,
  );
}
