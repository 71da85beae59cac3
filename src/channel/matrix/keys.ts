import { randomBytes } from "node:crypto";
import { ConnectionError, HTTPError, type MatrixClient } from "matrix-js-sdk";
import {
  type CryptoApi,
  type CryptoCallbacks,
  decodeRecoveryKey,
  encodeRecoveryKey,
} from "matrix-js-sdk/lib/crypto-api/index.js";
import { ConfigError, messageOf } from "../../errors.ts";
import { userInteractiveAuth } from "./user-interactive-auth.ts";

/** The recovery key, as long as this program runs: it opens the account's secrets at the homeserver. */
export interface SecretKeys {
  recoveryKey: string | undefined;
  /** For the SDK, which asks for it when a secret is stored or read. */
  callbacks: CryptoCallbacks;
}

/** @throws ConfigError when it is no recovery key. */
export function createSecretKeys(recoveryKey: string | undefined): SecretKeys {
  if (recoveryKey !== undefined) decoded(recoveryKey);
  const secrets: SecretKeys = {
    recoveryKey,
    callbacks: {
      async getSecretStorageKey({ keys }) {
        const [id] = Object.keys(keys);
        return id === undefined || secrets.recoveryKey === undefined ? null : [id, decoded(secrets.recoveryKey)];
      },
    },
  };
  return secrets;
}

/** For an account that has none yet. */
export function newRecoveryKey(): string {
  return encodeRecoveryKey(randomBytes(32)) ?? "";
}

/** Three things that one may have without the others. */
export interface KeyStates {
  keysStored: boolean;
  crossSigned: boolean;
  backup: boolean;
}

export async function keyStates(client: MatrixClient): Promise<KeyStates> {
  const crypto = cryptoOf(client);
  const [user, device] = [client.getUserId() ?? "", client.getDeviceId() ?? ""];
  const published = (await crypto.getUserDeviceInfo([user], true)).get(user)?.get(device)?.getFingerprint();
  const status = await crypto.getDeviceVerificationStatus(user, device);
  const isBackedUp = (await crypto.getActiveSessionBackupVersion()) !== null;
  return {
    keysStored: published !== undefined && published === (await crypto.getOwnDeviceKeys()).ed25519,
    crossSigned: status?.signedByOwner ?? false,
    backup: isBackedUp && (await crypto.getSessionBackupPrivateKey()) !== null,
  };
}

/** What the keys are set up on: a connection that has been started. */
export interface KeyOwner {
  client: MatrixClient;
  secrets: SecretKeys;
}

export interface SetUpOptions {
  /** Of the account: some homeservers want it before they take a new identity. */
  password?: string | undefined;
  /** The account has an identity already whose recovery key is lost: make a new one. Others then see it as changed. */
  replace?: boolean | undefined;
  /** What is to open the new identity, where that is kept already; a new one if left out. */
  recoveryKey?: string | undefined;
}

/**
 * Gives the account an identity of its own (cross-signing), signs this device with it, keeps it at the homeserver under
 * a recovery key and begins a backup of the room keys. Where there is all that and its recovery key is known, it is used.
 * The recovery key is to be shown to the owner once and kept with the secrets; without it the identity ends with this device.
 * @throws ConfigError when the owner has to decide or to give something first.
 */
export async function setUpKeys(
  { client, secrets }: KeyOwner,
  options: SetUpOptions = {},
): Promise<{ recoveryKey: string }> {
  const { password, replace = false, recoveryKey = newRecoveryKey() } = options;
  const crypto = cryptoOf(client);
  const user = client.getUserId() ?? "";
  const isThere = (await client.secretStorage.getDefaultKeyId()) !== null;
  if (isThere && !replace) {
    if (secrets.recoveryKey === undefined) throw recoveryKeyWanted(user);
    await restoreKeys({ client, secrets });
    return { recoveryKey: secrets.recoveryKey };
  }
  if (!replace && (await crypto.userHasCrossSigningKeys(user, true)) && !(await crypto.isCrossSigningReady())) {
    if (!(await hasOwnIdentity(crypto))) throw recoveryKeyWanted(user);
  }

  const made = { privateKey: decoded(recoveryKey), encodedPrivateKey: recoveryKey };
  secrets.recoveryKey = recoveryKey;
  const authUploadDeviceSigningKeys = userInteractiveAuth(user, password);
  await crypto.bootstrapSecretStorage({ createSecretStorageKey: async () => made, setupNewSecretStorage: true });
  await crypto.bootstrapCrossSigning({ authUploadDeviceSigningKeys, setupNewCrossSigning: true });
  await crypto.bootstrapSecretStorage({});
  await crypto.resetKeyBackup();
  await crypto.checkKeyBackupAndEnable();
  return { recoveryKey };
}

/**
 * With the recovery key: takes over the account's identity, signs this device with it, and fetches the room keys
 * that other devices have backed up. Says how many these are.
 * @throws ConfigError when the recovery key is not the account's.
 */
export async function restoreKeys({ client }: KeyOwner): Promise<{ roomKeys: number }> {
  const crypto = cryptoOf(client);
  try {
    await crypto.bootstrapCrossSigning({});
    if ((await crypto.getKeyBackupInfo()) === null) {
      await crypto.resetKeyBackup();
      return { roomKeys: 0 };
    }
    await crypto.loadSessionBackupPrivateKeyFromSecretStorage();
  } catch (error) {
    // What the homeserver did wrong says nothing of the recovery key.
    if (error instanceof HTTPError || error instanceof ConnectionError) throw error;
    throw wrongRecoveryKey(client, error);
  }
  await crypto.checkKeyBackupAndEnable();
  return { roomKeys: (await crypto.restoreKeyBackup()).imported };
}

/** @throws ConfigError when the account keeps secrets at the homeserver that another recovery key opens. */
export async function checkOpens(client: MatrixClient, recoveryKey: string): Promise<void> {
  const stored = await client.secretStorage.getKey();
  if (stored === null) return;
  const [, description] = stored;
  if (await client.secretStorage.checkKey(decoded(recoveryKey), description)) return;
  throw wrongRecoveryKey(client, new Error("they were closed with another"));
}

function wrongRecoveryKey(client: MatrixClient, cause: unknown): ConfigError {
  return new ConfigError(
    `The recovery key does not open the secrets of ${client.getUserId()} (${messageOf(cause)}): give the right one with memtrix onboard --relogin.`,
    { cause },
  );
}

async function hasOwnIdentity(crypto: CryptoApi): Promise<boolean> {
  const { masterKey, selfSigningKey, userSigningKey } = (await crypto.getCrossSigningStatus()).privateKeysCachedLocally;
  return masterKey && selfSigningKey && userSigningKey;
}

function recoveryKeyWanted(user: string): ConfigError {
  return new ConfigError(
    `The Matrix account ${user} has an identity already: give its recovery key, or let a new identity be made, which others will see as changed.`,
  );
}

function decoded(recoveryKey: string): Uint8Array<ArrayBuffer> {
  try {
    return decodeRecoveryKey(recoveryKey);
  } catch (error) {
    throw new ConfigError("This is no Matrix recovery key: it has 48 letters and digits in groups of four.", {
      cause: error,
    });
  }
}

function cryptoOf(client: MatrixClient): CryptoApi {
  const crypto = client.getCrypto();
  if (crypto === undefined) throw new Error("The crypto of this client is not ready");
  return crypto;
}
