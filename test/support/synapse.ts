import { createHmac, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { anyFree } from "../../src/child/free-port.ts";
import {
  householdLimits,
  logConfigFile,
  newSynapseSecrets,
  signingKeyFile,
  synapseConfig,
  synapseLogConfig,
  synapseLogFile,
} from "../../src/homeserver/synapse-config.ts";
import { startSynapseProcess } from "../../src/homeserver/synapse-process.ts";
import { startConduitStandIn } from "./conduit-stand-in.ts";
import { synapsePython } from "./synapse-venv.ts";

export interface TestUser {
  userId: string;
  accessToken: string;
  deviceId: string;
  password: string;
}

export interface TestSynapse {
  url: string;
  serverName: string;
  /** Where its database, log and media are. */
  directory: string;
  registrationSharedSecret: string;
  registerUser(localpart: string, options?: { admin?: boolean }): Promise<TestUser>;
  /** What the server wrote to its log so far. */
  log(): string;
  stop(): Promise<void>;
  /** Stopped with its data kept; `resume` starts it again at the same address. */
  pause(): Promise<void>;
  resume(): Promise<void>;
}

export interface TestSynapseOptions {
  /** `raised` (at first) never gets in the way; `default` is what Synapse comes with. */
  rateLimits?: "raised" | "default";
  /** Settings of homeserver.yaml. */
  settings?: Record<string, unknown>;
}

/** With MEMTRIX_TEST_HOMESERVER=conduit the tests of one homeserver are those of another: M51. */
const playsConduit = process.env.MEMTRIX_TEST_HOMESERVER === "conduit";

const never = { per_second: 10_000, burst_count: 10_000 };

const limits: Record<"raised" | "default", Record<string, unknown>> = {
  raised: {
    ...{ rc_message: never, rc_registration: never, rc_admin_redaction: never, rc_key_requests: never },
    rc_joins: { local: never, remote: never },
    rc_joins_per_room: never,
    rc_invites: { per_room: never, per_user: never, per_issuer: never },
    rc_login: { address: never, account: never, failed_attempts: never },
    ...{ rc_media_create: never, rc_room_creation: never, rc_profile: never, rc_user_directory: never },
  },
  default: Object.fromEntries(Object.keys(householdLimits).map((name) => [name, undefined])),
};

/** A real Synapse on loopback, in a folder of its own. Start it once a file, where `canRunSynapse()` says that it can be. */
export async function startSynapse({
  rateLimits = "raised",
  settings = {},
}: TestSynapseOptions = {}): Promise<TestSynapse> {
  const python = await synapsePython();
  if (python === undefined) throw new Error("Synapse cannot be had here: skip these tests by canRunSynapse()");
  const directory = mkdtempSync(join(tmpdir(), "memtrix-synapse-"));
  const port = await anyFree();
  const url = `http://127.0.0.1:${port}`;
  const serverName = "memtrix.test";
  const secrets = newSynapseSecrets();
  const configFile = join(directory, "homeserver.yaml");
  const overrides = { bcrypt_rounds: 4, ...limits[rateLimits], ...settings };
  const lay = (path: string, text: string) => writeFileSync(path, text, { mode: 0o600 });
  lay(configFile, JSON.stringify(synapseConfig({ directory, serverName, port, secrets, overrides })));
  lay(logConfigFile(directory), JSON.stringify(synapseLogConfig(directory, "INFO")));
  lay(signingKeyFile(directory), secrets.signingKey);

  const start = () => startSynapseProcess({ python, configFile, url });
  let running = await start();
  const { registrationSharedSecret } = secrets;
  const conduit = playsConduit ? await startConduitStandIn({ target: url }) : undefined;

  return {
    ...{ url: conduit?.url ?? url, serverName, directory, registrationSharedSecret },
    async registerUser(localpart, { admin = false } = {}) {
      const password = randomBytes(12).toString("hex");
      const register = `${url}/_synapse/admin/v1/register`;
      const { nonce } = (await json(await fetch(register))) as { nonce: string };
      const mac = createHmac("sha1", registrationSharedSecret)
        .update([nonce, localpart, password, admin ? "admin" : "notadmin"].join("\0"))
        .digest("hex");
      const body = JSON.stringify({ nonce, username: localpart, password, admin, mac });
      const made = await json(await fetch(register, { method: "POST", body }));
      return {
        userId: String(made.user_id),
        accessToken: String(made.access_token),
        deviceId: String(made.device_id),
        password,
      };
    },
    log: () => readFileSync(synapseLogFile(directory), "utf8"),
    pause: () => running.stop(),
    async resume() {
      running = await start();
    },
    async stop() {
      await conduit?.stop();
      await running.stop();
      rmSync(directory, { recursive: true, force: true });
      if (conduit && conduit.unknown.length > 0)
        throw new Error(`No table says what Conduit does with ${[...new Set(conduit.unknown)].join(", ")}`);
    },
  };
}

async function json(response: Response): Promise<Record<string, unknown>> {
  const body = (await response.json()) as Record<string, unknown>;
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${JSON.stringify(body)}`);
  return body;
}
