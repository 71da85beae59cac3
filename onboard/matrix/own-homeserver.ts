import { join } from "node:path";
import { ConfigError } from "../../src/errors.ts";
import { homePaths } from "../../src/home.ts";
import type { NewAccount } from "../../src/homeserver/accounts.ts";
import { installPrivateSynapse, startPrivateSynapse } from "../../src/homeserver/private-synapse.ts";
import type { PrepareOptions } from "./prepare.ts";

/** A homeserver of the owner's own, up and ready to make accounts, until it is disposed of. */
export interface OwnHomeserver extends AsyncDisposable {
  address: string;
  /** The address that its owner logs in at. */
  forPeople: string;
  /** What accounts are made by. */
  by: NewAccount["by"];
}

/** Lets accounts be made on the homeserver that stands beside the program. */
const registrationToken = "REGISTRATION_TOKEN";

/** The one that stands beside the program, or else a private one, which is installed first. @throws ConfigError */
export async function openOwnHomeserver(options: PrepareOptions): Promise<OwnHomeserver> {
  const { homeserver: beside } = options.surroundings;
  return beside ? besideOurs(beside, options) : privateOne(options);
}

async function besideOurs(
  { address, forPeople }: { address: string; forPeople: string },
  { secrets, onProgress }: PrepareOptions,
): Promise<OwnHomeserver> {
  if (!secrets.has(registrationToken))
    throw new ConfigError(
      `The token that lets accounts be made on your homeserver is missing: run ./setup.sh, which makes one and puts it into .env as MEMTRIX_SECRET_${registrationToken}.`,
    );
  onProgress(`Asking your homeserver at ${address}`);
  const by = { kind: "registration-token", token: secrets.resolve(`$${registrationToken}`) } as const;
  return { address, forPeople, by, async [Symbol.asyncDispose]() {} };
}

async function privateOne({ home, log, onProgress, signal }: PrepareOptions): Promise<OwnHomeserver> {
  const directory = join(homePaths(home).data, "homeserver");
  const patience = signal ? { signal } : {};
  const { registrationSharedSecret } = await installPrivateSynapse({ directory, onProgress, ...patience });
  onProgress("Starting the homeserver");
  const running = await startPrivateSynapse({ directory, log, ...patience });
  return {
    address: running.url,
    forPeople: running.url,
    by: { kind: "shared-secret", secret: registrationSharedSecret },
    [Symbol.asyncDispose]: () => running.stop(),
  };
}
