import { join } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { type Config, loadConfig, saveConfig } from "../config/config.ts";
import { placeholder } from "../config/schema.ts";
import { loadSecrets, saveSecrets } from "../config/secrets.ts";
import { ConfigError } from "../errors.ts";
import { homePaths } from "../home.ts";
import { takeOwnerLock } from "../store/owner-lock.ts";
import { askHidden } from "./ask-hidden.ts";
import { fromEnvironment } from "./from-environment.ts";
import { helpFlag, parseFlags } from "./parse-flags.ts";

const help = `Log the agent's Matrix account in again: the token was revoked, the password reset, or the keys are lost.

Usage: memtrix onboard --relogin [OPTIONS]

      --password-env VARIABLE       the account's password; or --password-stdin
      --access-token-env VARIABLE   a token instead of a password
      --recovery-key-env VARIABLE   the account's recovery key, when it is another one
      --new-device                  begin with a new device, where the keys of the old one are gone

On a terminal the password is asked. The device and its keys stay the same without --new-device.`;

const options = {
  ...helpFlag,
  relogin: { type: "boolean" },
  "password-env": { type: "string" },
  "password-stdin": { type: "boolean" },
  "access-token-env": { type: "string" },
  "recovery-key-env": { type: "string" },
  "new-device": { type: "boolean" },
} as const;

/** `memtrix onboard --relogin`. Gives the exit code; throws a ConfigError. */
export async function relogin(argv: string[], home: string): Promise<number> {
  const { values: flags } = parseFlags("onboard --relogin", argv, options);
  if (flags.help) {
    console.log(help);
    return 0;
  }
  const config = await loadConfig(home);
  const name = config["main-agent"].channel;
  const section = config.channels[name];
  if (section?.type !== "matrix")
    throw new ConfigError("The agent does not live in Matrix: there is nothing to log in.");
  const { data } = homePaths(home);
  using _lock = takeOwnerLock(data, "memtrix onboard", new Date());
  const { deviceOf } = await import("../channel/matrix/device-database.ts");
  const { checkToken, logIn } = await import("../homeserver/accounts.ts");
  const { homeserver, user_id: userId } = loadSecrets(home).resolve({
    ...section,
    access_token: "",
    recovery_key: null,
  });

  const token = fromEnvironment(flags["access-token-env"]);
  const deviceId = flags["new-device"] ? undefined : deviceOf(join(data, "matrix"), userId);
  const account = token
    ? { ...(await checkToken({ homeserver, accessToken: token })), accessToken: token }
    : await logIn({ homeserver, userId, password: await passwordFrom(flags), ...(deviceId ? { deviceId } : {}) });
  if (account.userId !== userId) throw new ConfigError(`That login is of ${account.userId}, not of ${userId}.`);
  if (deviceId !== undefined && account.deviceId !== deviceId)
    throw new ConfigError(
      `That token belongs to the device ${account.deviceId}; the keys here are of ${deviceId}. Give the password instead, or add --new-device.`,
    );

  const recoveryKey = fromEnvironment(flags["recovery-key-env"]);
  const secrets = {
    [nameOf(section.access_token, "MATRIX_ACCESS_TOKEN")]: account.accessToken,
    ...(recoveryKey ? { [nameOf(section.recovery_key, "MATRIX_RECOVERY_KEY")]: recoveryKey } : {}),
  };
  await saveSecrets(home, secrets);
  await saveConfig(home, withPlaceholders(config, name, recoveryKey !== undefined));
  console.log(`${userId} is logged in again, with the device ${account.deviceId}. Begin with: npm start`);
  return 0;
}

type Flags = ReturnType<typeof parseFlags<typeof options>>["values"];

async function passwordFrom(flags: Flags): Promise<string> {
  const given = fromEnvironment(flags["password-env"]);
  if (given !== undefined) return given;
  if (flags["password-stdin"]) return (await readAll(process.stdin)).trim();
  if (!process.stdin.isTTY) throw new ConfigError("Give the password by --password-env VARIABLE or --password-stdin.");
  return (await askHidden("Password of the agent's account: ")).trim();
}

/** The secret that a field of the config stands for. */
function nameOf(value: string | null, usual: string): string {
  return placeholder.exec(value ?? "")?.[1] ?? usual;
}

function withPlaceholders(config: Config, name: string, hasRecoveryKey: boolean): Config {
  const section = config.channels[name];
  if (section?.type !== "matrix") return config;
  const access_token = `$${nameOf(section.access_token, "MATRIX_ACCESS_TOKEN")}`;
  const recovery_key = hasRecoveryKey
    ? `$${nameOf(section.recovery_key, "MATRIX_RECOVERY_KEY")}`
    : section.recovery_key;
  return { ...config, channels: { ...config.channels, [name]: { ...section, access_token, recovery_key } } };
}
