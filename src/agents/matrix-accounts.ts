import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { SetUpKeys } from "../../onboard/matrix/prepare.ts";
import type { Config } from "../config/config.ts";
import { placeholder } from "../config/schema.ts";
import type { Secrets } from "../config/secrets.ts";
import { ConfigError } from "../errors.ts";
import { checkToken, createAccount, type NewAccount } from "../homeserver/accounts.ts";
import { closeAccount } from "../homeserver/close-account.ts";
import { readSynapseHome } from "../homeserver/synapse-home.ts";
import type { Logger } from "../log.ts";
import type { ChangedAccount } from "../store/agent-changes.ts";
import type { AgentAccounts } from "./accounts.ts";
import { secretNames } from "./plan.ts";

export interface MatrixAccountsOptions {
  config: Config;
  secrets: Pick<Secrets, "has" | "resolve" | "save">;
  /** The installation's `data`. */
  data: string;
  setUpKeys: SetUpKeys;
  /** For the identity that a new account gets when it is opened for the first time. */
  newRecoveryKey(): Promise<string>;
  log: Logger;
}

/** Lets accounts be made at a homeserver that others run. */
const registrationToken = "REGISTRATION_TOKEN";

/** Accounts on the homeserver of the main agent. Where it lives in the terminal, agents need none. */
export function createMatrixAccounts(options: MatrixAccountsOptions): AgentAccounts {
  const { config, secrets, data, setUpKeys, newRecoveryKey, log } = options;
  const privateHome = join(data, "homeserver");

  function channel() {
    const section = config.channels[config["main-agent"].channel];
    return section?.type === "matrix" ? section : undefined;
  }

  /** What a value of the config stands for; undefined for a secret that is not there. */
  function known(value: string | undefined): string | undefined {
    const name = placeholder.exec(value ?? "")?.[1];
    return name !== undefined && !secrets.has(name) ? undefined : secrets.resolve(value);
  }

  function refuseTaken(userId: string): void {
    const { user_id: mainId, owners = [] } = channel() ?? {};
    const agents = Object.values(config.agents).map((agent) => agent.user_id);
    if ([mainId, ...owners, ...agents].includes(userId))
      throw new ConfigError(`${userId} is in use already: choose another name.`);
  }

  async function way(homeserver: string): Promise<NewAccount["by"]> {
    const here = isLocal(homeserver) ? await readSynapseHome(privateHome) : undefined;
    if (here) return { kind: "shared-secret", secret: here.secrets.registrationSharedSecret };
    return { kind: "registration-token", token: secrets.resolve(`$${registrationToken}`) };
  }

  return {
    planned(id) {
      const section = channel();
      if (!section) return undefined;
      const homeserver = secrets.resolve(section.homeserver);
      const mainId = secrets.resolve(section.user_id);
      const isHere = isLocal(homeserver) && existsSync(join(privateHome, "private.json"));
      if (!isHere && !secrets.has(registrationToken))
        throw new ConfigError(
          `${homeserver} makes no accounts for programs, and a token is nothing for a chat: make an account there, then run in the terminal: memtrix agents create ${id} --access-token-env VARIABLE`,
        );
      const userId = `@${id}${mainId.slice(mainId.indexOf(":"))}`;
      refuseTaken(userId);
      const names = secretNames(id);
      return { homeserver, userId, accessToken: `$${names.accessToken}`, password: `$${names.password}` };
    },

    async given(id, { accessToken }) {
      const section = channel();
      if (!section)
        throw new ConfigError(
          "The main agent lives in the terminal, where agents have no accounts: leave the token out.",
        );
      const homeserver = secrets.resolve(section.homeserver);
      const { userId } = await checkToken({ homeserver, accessToken });
      refuseTaken(userId);
      return { homeserver, userId, accessToken: `$${secretNames(id).accessToken}` };
    },

    async make(id, name, { homeserver, userId }) {
      const names = secretNames(id);
      // Each secret is kept before what depends on it is made: so it can be unmade.
      const password = randomBytes(24).toString("base64url");
      await secrets.save({ [names.password]: password, [names.recoveryKey]: await newRecoveryKey() });
      await secrets.save({ [names.accessToken]: await register(homeserver, userId, name, password) });
      const [user_id, access_token] = [userId, `$${names.accessToken}`];
      return { user_id, access_token, password: `$${names.password}`, recovery_key: `$${names.recoveryKey}` };
    },

    async take(id, { homeserver, userId }, { accessToken, recoveryKey }) {
      const names = secretNames(id);
      await secrets.save({ [names.accessToken]: accessToken });
      const section = { user_id: userId, access_token: `$${names.accessToken}` };
      const keys = await setUpKeys({ homeserver, userId, accessToken, password: undefined, recoveryKey });
      if ("problem" in keys) {
        log.warn("An agent's account is not shown as verified", { agent: id, problem: keys.problem });
        return section;
      }
      await secrets.save({ [names.recoveryKey]: keys.recoveryKey });
      return { ...section, recovery_key: `$${names.recoveryKey}` };
    },

    async close({ homeserver, userId, accessToken, password }: ChangedAccount) {
      const login = { accessToken: known(accessToken), password: known(password) };
      await closeAccount({ homeserver: secrets.resolve(homeserver), userId, ...login });
    },
  };

  /** Gives its token. */
  async function register(homeserver: string, userId: string, displayName: string, password: string): Promise<string> {
    const localpart = userId.slice(1, userId.indexOf(":"));
    const made = await createAccount({ homeserver, localpart, password, displayName, by: await way(homeserver) });
    if (made.userId !== userId)
      throw new ConfigError(`${homeserver} made the account ${made.userId} instead of ${userId}.`);
    return made.accessToken;
  }
}

function isLocal(address: string): boolean {
  const { hostname } = new URL(address);
  return hostname === "127.0.0.1" || hostname === "localhost";
}
