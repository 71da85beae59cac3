import { z } from "zod";
import { askAccount } from "./ask-account.ts";
import type { AgentAccount } from "./matrix-accounts.ts";

const keys = z.record(z.string(), z.string());
const signatures = z.record(z.string(), keys).default({});
const queried = z.object({
  device_keys: z.record(z.string(), z.record(z.string(), z.object({ keys, signatures }))).default({}),
  self_signing_keys: z.record(z.string(), z.object({ keys })).default({}),
});

/** What the homeserver shows others of a device. */
export async function publishedKeys(
  account: AgentAccount,
  deviceId: string,
  signal: AbortSignal,
): Promise<{ device: boolean; crossSigned: boolean }> {
  const { userId } = account;
  const body = { device_keys: { [userId]: [deviceId] } };
  const answer = await askAccount(account, "keys/query", queried, { signal, body });
  const device = answer?.device_keys[userId]?.[deviceId];
  const [signer] = Object.keys(answer?.self_signing_keys[userId]?.keys ?? {});
  const signed = device?.signatures[userId] ?? {};
  return { device: device !== undefined, crossSigned: signer !== undefined && signer in signed };
}

const defaultKey = z.object({ key: z.string() });
const keyDescription = z.object({ iv: z.string(), mac: z.string() });

/** Whether the account can be had back without this device. `opens`: with the recovery key that the config has. */
export async function recoveryOf(
  account: AgentAccount,
  signal: AbortSignal,
): Promise<{ hasStorage: boolean; opens: boolean; hasBackup: boolean }> {
  const data = (type: string) => `user/${encodeURIComponent(account.userId)}/account_data/${type}`;
  const chosen = await askAccount(account, data("m.secret_storage.default_key"), defaultKey, { signal });
  const description =
    chosen && (await askAccount(account, data(`m.secret_storage.key.${chosen.key}`), keyDescription, { signal }));
  const backup = await askAccount(account, "room_keys/version", z.object({}), { signal });
  return {
    hasStorage: description !== undefined,
    opens: description !== undefined && (await opensStorage(account.recoveryKey, description)),
    hasBackup: backup !== undefined,
  };
}

async function opensStorage(
  recoveryKey: string | undefined,
  { iv, mac }: { iv: string; mac: string },
): Promise<boolean> {
  if (recoveryKey === undefined) return false;
  const { decodeRecoveryKey } = await import("matrix-js-sdk/lib/crypto-api/index.js");
  const { calculateKeyCheck } = await import("matrix-js-sdk/lib/secret-storage.js");
  try {
    const check = await calculateKeyCheck(decodeRecoveryKey(recoveryKey), iv);
    return check.mac.replace(/=+$/, "") === mac.replace(/=+$/, "");
  } catch {
    return false; // It is no recovery key at all.
  }
}
