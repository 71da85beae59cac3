import { existsSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../errors.ts";
import { checkToken } from "../homeserver/accounts.ts";
import { checkOf, type Finding, fault, ok, unseen, warning } from "./check.ts";
import { type AgentAccount, accountsOf } from "./matrix-accounts.ts";
import { publishedKeys, recoveryOf } from "./published-keys.ts";
import { damageIn } from "./sound-database.ts";

/** What each agent encrypts with: its own store, and what the homeserver knows of it. */
export const keysCheck = checkOf(
  "keys",
  async (config, { homeserver, paths }, signal) => {
    const accounts = accountsOf(config);
    if (accounts.length === 0) return [ok("no agent lives in Matrix")];
    const isThere = await homeserver.then(
      () => true,
      () => false,
    );
    if (!isThere) return [unseen("the homeserver must answer first")];
    return (await Promise.all(accounts.map((account) => look(account, join(paths.data, "matrix"), signal)))).flat();
  },
  90_000,
);

async function look(account: AgentAccount, directory: string, signal: AbortSignal): Promise<Finding[]> {
  const { userId, homeserver, accessToken } = account;
  const login = await checkToken({ homeserver, accessToken, signal }).catch(() => undefined);
  if (login?.userId !== userId) return [unseen(`${userId}: its token must be taken first`)];
  try {
    const findings = [
      ...(await storeFindings(account, login.deviceId, directory, signal)),
      ...(await recoveryFindings(account, signal)),
    ];
    const facts = "the store is sound, the device is cross-signed, recovery and backup are set up, all can be read";
    return findings.length > 0 ? findings : [ok(`${userId}: ${facts}`)];
  } catch (error) {
    return [unseen(`${userId}: ${messageOf(error)}`)];
  }
}

const newDevice =
  "restore a backup into an empty folder (MEMTRIX_HOME=FOLDER memtrix restore FILE), or: memtrix onboard --relogin --new-device";

async function storeFindings(
  account: AgentAccount,
  deviceId: string,
  directory: string,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { userId } = account;
  const { folderOfDevice } = await import("../channel/matrix/device-database.ts");
  const { changedEntryIn } = await import("../channel/matrix/crypto-store.ts");
  const path = join(folderOfDevice(directory, userId, deviceId), "device.db");
  const published = await publishedKeys(account, deviceId, signal);
  if (!existsSync(path)) {
    if (!published.device) return [warning(`${userId} has no keys yet`, "they are made at the next start: npm start")];
    return [fault(`${userId}: the keys of its device ${deviceId} are gone`, newDevice)];
  }
  let waiting = 0;
  const damage = damageIn(path, (database) => {
    waiting = Number(database.prepare("SELECT count(*) AS count FROM waiting").get()?.count);
    return changedEntryIn(database);
  });
  if (damage !== undefined) return [fault(`${userId}: its keys in ${path} are damaged (${damage})`, newDevice)];

  const findings: Finding[] = [];
  if (!published.crossSigned)
    findings.push(
      warning(
        `${userId}: its device is not cross-signed, so others see it as unverified`,
        account.recoveryKey ? "it is signed at the next start: npm start" : "memtrix onboard sets that up",
      ),
    );
  if (waiting > 0)
    findings.push(
      warning(
        `${userId}: ${waiting} ${waiting === 1 ? "message" : "messages"} cannot be read until the keys come`,
        "open the room in the app that wrote them, or write them again; memtrix doctor devices tells which devices count",
      ),
    );
  return findings;
}

async function recoveryFindings(account: AgentAccount, signal: AbortSignal): Promise<Finding[]> {
  const { userId, recoveryKey } = account;
  const { hasStorage, opens, hasBackup } = await recoveryOf(account, signal);
  if (!hasStorage)
    return [warning(`${userId}: no recovery is set up, so its identity ends with this device`, "memtrix onboard")];
  if (recoveryKey === undefined)
    return [
      warning(`${userId}: its recovery key is not in the config`, "memtrix onboard --relogin --recovery-key-env NAME"),
    ];
  if (!opens)
    return [
      fault(
        `${userId}: the recovery key in the config is not the account's`,
        "memtrix onboard --relogin --recovery-key-env NAME",
      ),
    ];
  if (!hasBackup)
    return [warning(`${userId}: its room keys are not backed up`, "the backup begins at the next start: npm start")];
  return [];
}
