import type { MatrixClient } from "matrix-js-sdk";
import { CryptoEvent } from "matrix-js-sdk/lib/crypto-api/index.js";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import type { HealthRecord } from "./health.ts";
import { checkOpens, keyStates, restoreKeys, type SecretKeys, setUpKeys } from "./keys.ts";

export interface KeyHealthOptions {
  client: MatrixClient;
  secrets: SecretKeys;
  health: HealthRecord;
  log: Logger;
  /** Of the account. */
  password: string | undefined;
}

/**
 * Keeps what the health says of the keys true; resolves when it does for the first time. Before that it signs this
 * device with the account's identity, when the recovery key is known and that is still to be done. An account that has no
 * identity yet gets one, which this recovery key opens.
 */
export async function watchKeys(options: KeyHealthOptions): Promise<void> {
  const { client, secrets, health, log } = options;
  const look = () =>
    keyStates(client)
      .then((states) => {
        health.setKeys(states);
        return states;
      })
      .catch((error) => log.warn("the state of the keys cannot be read", { error }));
  const states = await look();
  for (const name of [CryptoEvent.KeysChanged, CryptoEvent.KeyBackupStatus, CryptoEvent.DevicesUpdated] as const) {
    client.on(name, () => void look());
  }
  if (secrets.recoveryKey === undefined || (states?.crossSigned && states.backup)) return;
  await takeUpIdentity(secrets.recoveryKey, options);
  await look();
}

async function takeUpIdentity(recoveryKey: string, options: KeyHealthOptions): Promise<void> {
  const { client, secrets, health, log, password } = options;
  try {
    if (await client.getCrypto()?.userHasCrossSigningKeys(client.getSafeUserId(), true)) {
      const { roomKeys } = await restoreKeys({ client, secrets });
      log.info("the device was signed with the account's identity", { roomKeys });
    } else {
      // An identity that the homeserver does not show at the moment has left its secrets there: they are not replaced.
      await checkOpens(client, recoveryKey);
      await setUpKeys({ client, secrets }, { password, recoveryKey, replace: true });
      log.info("the account was given its identity");
    }
  } catch (error) {
    log.error("the recovery key could not be used", { error });
    health.set("keys", messageOf(error));
  }
}
