import type { MatrixClient } from "matrix-js-sdk";
import { createTrust } from "./trust.ts";

export interface OwnerDevices {
  user: string;
  /** Their identity is another one than before, and nobody has confirmed that. */
  identityChanged: boolean;
  devices: OwnerDevice[];
}

export interface OwnerDevice {
  id: string;
  name: string;
  /** Its owner has signed it, or it was trusted on this machine: its words count in encrypted rooms. */
  counts: boolean;
}

/** The devices of these people as the homeserver gives them now. */
export async function ownDevices(client: MatrixClient, users: readonly string[]): Promise<OwnerDevices[]> {
  const crypto = cryptoOf(client);
  const known = await crypto.getUserDeviceInfo([...users], true);
  const trust = createTrust(client);
  return Promise.all(
    users.map(async (user): Promise<OwnerDevices> => {
      const devices = [...(known.get(user)?.values() ?? [])].map(async ({ deviceId, displayName }) => {
        const status = await crypto.getDeviceVerificationStatus(user, deviceId);
        const counts = status !== null && (status.signedByOwner || status.localVerified);
        return { id: deviceId, name: displayName ?? "", counts };
      });
      return { user, identityChanged: await trust.identityChanged(user), devices: await Promise.all(devices) };
    }),
  );
}

/** Takes the identities of these people as they are now for theirs, and lets all their devices count. */
export async function trustDevices(client: MatrixClient, users: readonly string[]): Promise<void> {
  const crypto = cryptoOf(client);
  for (const { user, identityChanged, devices } of await ownDevices(client, users)) {
    if (identityChanged) {
      const status = await crypto.getUserVerificationStatus(user);
      if (status.needsUserApproval) await crypto.pinCurrentUserIdentity(user);
      else await crypto.withdrawVerificationRequirement(user);
    }
    for (const { id, counts } of devices) if (!counts) await crypto.setDeviceVerified(user, id, true);
  }
}

function cryptoOf(client: MatrixClient) {
  const crypto = client.getCrypto();
  if (!crypto) throw new Error("The account's keys are not open");
  return crypto;
}
