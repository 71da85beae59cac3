import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  logConfigFile,
  newSynapseSecrets,
  type SynapseSecrets,
  signingKeyFile,
  synapseConfig,
  synapseLogConfig,
} from "../../../src/homeserver/synapse-config.ts";
import { startConduitStandIn } from "../../support/conduit-stand-in.ts";

/*
 * The homeserver's container where Conduit cannot be had: a Synapse that reads what it is to be from conduit.toml, and
 * before it the stand-in that plays what Conduit does otherwise.
 */

const settings = readFileSync(process.env.CONDUIT_CONFIG ?? "", "utf8");
const setting = (name: string): string => new RegExp(`^${name} = "?([^"\\n]*)"?$`, "m").exec(settings)?.[1] ?? "";
const directory = setting("database_path");
const port = 6168;
const url = `http://127.0.0.1:${port}`;

const secrets = knownOrNew(join(directory, "secrets.json"));
const configFile = join(directory, "homeserver.json");
const raised = { per_second: 1_000, burst_count: 1_000 };
const overrides = {
  ...{ enable_registration: true, registration_requires_token: true, bcrypt_rounds: 4, rc_registration: raised },
  rc_login: { address: raised, account: raised, failed_attempts: raised },
};
const config = synapseConfig({ directory, serverName: setting("server_name"), port, secrets, overrides });
lay(configFile, JSON.stringify(config));
lay(logConfigFile(directory), JSON.stringify(synapseLogConfig(directory, "INFO")));
if (!existsSync(signingKeyFile(directory))) lay(signingKeyFile(directory), secrets.signingKey);

const synapse = spawn("/synapse/bin/python", ["-m", "synapse.app.homeserver", "-c", configFile], { stdio: "inherit" });
synapse.once("exit", (code) => process.exit(code ?? 1));
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => synapse.kill(signal));

while (!(await fetch(`${url}/_matrix/client/versions`).catch(() => undefined))?.ok) await sleep(200);
await allowToken(setting("registration_token"));
await startConduitStandIn({ target: url, host: setting("address"), port: Number(setting("port")) });
console.log("The homeserver's stand-in is ready.");

function knownOrNew(file: string): SynapseSecrets {
  mkdirSync(directory, { recursive: true });
  if (!existsSync(file)) lay(file, JSON.stringify(newSynapseSecrets()));
  return JSON.parse(readFileSync(file, "utf8"));
}

function lay(file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
}

/** Synapse takes only tokens that an administrator has made. */
async function allowToken(token: string): Promise<void> {
  const register = `${url}/_synapse/admin/v1/register`;
  const { nonce } = (await (await fetch(register)).json()) as { nonce: string };
  const [username, password] = [`admin-${Date.now()}`, nonce];
  const mac = createHmac("sha1", secrets.registrationSharedSecret)
    .update([nonce, username, password, "admin"].join("\0"))
    .digest("hex");
  const admin = await post(register, { nonce, username, password, admin: true, mac });
  const answer = await post(`${url}/_synapse/admin/v1/registration_tokens/new`, { token }, String(admin.access_token));
  if (answer.errcode !== undefined && !String(answer.error).includes("exists")) throw new Error(String(answer.error));
}

async function post(address: string, body: object, accessToken = ""): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${accessToken}`, "content-type": "application/json" };
  return (await fetch(address, { method: "POST", headers, body: JSON.stringify(body) })).json() as never;
}
