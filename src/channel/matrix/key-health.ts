import type { MatrixClient } from "matrix-js-sdk";
import { CryptoEvent } from "matrix-js-sdk/lib/crypto-api/index.js";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import type { HealthRecord } from "./health.ts";
import { keyStates, restoreKeys, type SecretKeys, setUpKeys } from "./keys.ts";

export interface KeyHealthOptions {
  client: MatrixClient;
  secrets: SecretKeys;
  health: HealthRecord;
  log: Logger;
}

export interface IdentityOptions extends KeyHealthOptions {
  /** Of the account. */
  password: string | undefined;
}

/**
 * Signs this device with the account's identity when the recovery key is known and that is still to be done. An account
 * that has no identity yet gets one, which this recovery key opens.
 */
export async function takeUpIdentity({ client, secrets, health, log, password }: IdentityOptions): Promise<void> {
  const { recoveryKey } = secrets;
  if (recoveryKey === undefined) return;
  try {
    const { crossSigned, backup } = await keyStates(client);
    if (crossSigned && backup) return;
    if (!(await client.getCrypto()?.userHasCrossSigningKeys(client.getSafeUserId(), true))) {
      await setUpKeys({ client, secrets }, { password, recoveryKey, replace: true });
      log.info("the account was given its identity");
      return;
    }
    const { roomKeys } = await restoreKeys({ client, secrets });
    log.info("the device was signed with the account's identity", { roomKeys });
  } catch (error) {
    log.error("the recovery key could not be used", { error });
    health.set("keys", messageOf(error));
  }
}

/** Keeps what the health says of the keys true; resolves when it does for the first time. */
export async function watchKeys({ client, health, log }: KeyHealthOptions): Promise<void> {
  const look = () =>
    keyStates(client)
      .then((states) => health.setKeys(states))
      .catch((error) => log.warn("the state of the keys cannot be read", { error }));
  for (const name of [CryptoEvent.KeysChanged, CryptoEvent.KeyBackupStatus, CryptoEvent.DevicesUpdated] as const) {
    client.on(name, () => void look());
  }
  await look();
}
