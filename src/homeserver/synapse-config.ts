import { randomBytes } from "node:crypto";
import { join } from "node:path";

export interface SynapseSecrets {
  /** Whoever knows it may make accounts. */
  registrationSharedSecret: string;
  macaroonSecretKey: string;
  formSecret: string;
  /** A line in the form of Synapse's key file. */
  signingKey: string;
}

export interface SynapseSettings {
  /** Where it keeps its database, media and log. */
  directory: string;
  serverName: string;
  /** On 127.0.0.1 alone. */
  port: number;
  secrets: Omit<SynapseSecrets, "signingKey">;
  /** Replaces settings of the same name. */
  overrides?: Readonly<Record<string, unknown>>;
}

export function newSynapseSecrets(): SynapseSecrets {
  const random = () => randomBytes(32).toString("base64url");
  return {
    registrationSharedSecret: random(),
    macaroonSecretKey: random(),
    formSecret: random(),
    signingKey: `ed25519 a_${randomBytes(4).toString("hex")} ${randomBytes(32).toString("base64").replace(/=+$/, "")}`,
  };
}

export const signingKeyFile = (directory: string): string => join(directory, "signing.key");
export const logConfigFile = (directory: string): string => join(directory, "log-config.json");
export const synapseLogFile = (directory: string): string => join(directory, "homeserver.log");

/** Room for agents that work, and none for guessing passwords. Synapse's own are made for a server of strangers. */
export const householdLimits = {
  rc_message: { per_second: 5, burst_count: 50 },
  rc_room_creation: { per_second: 0.1, burst_count: 30 },
  rc_joins: { local: { per_second: 1, burst_count: 30 } },
  rc_invites: {
    per_room: { per_second: 1, burst_count: 30 },
    per_user: { per_second: 0.1, burst_count: 30 },
    per_issuer: { per_second: 1, burst_count: 30 },
  },
  rc_login: {
    address: { per_second: 0.1, burst_count: 30 },
    account: { per_second: 0.1, burst_count: 10 },
    failed_attempts: { per_second: 0.05, burst_count: 5 },
  },
} as const;

/** The server's configuration. Synapse reads YAML, of which JSON is a part. */
export function synapseConfig({ directory, serverName, port, secrets, overrides = {} }: SynapseSettings) {
  return {
    server_name: serverName,
    public_baseurl: `http://127.0.0.1:${port}/`,
    report_stats: false,

    // This machine alone: no federation in either direction, no accounts but those made with the shared secret.
    listeners: [
      {
        ...{ type: "http", port, bind_addresses: ["127.0.0.1"], tls: false, x_forwarded: false },
        resources: [{ names: ["client"], compress: false }],
      },
    ],
    federation_domain_whitelist: [],
    trusted_key_servers: [],
    suppress_key_server_warning: true,
    enable_registration: false,
    allow_guest_access: false,
    registration_shared_secret: secrets.registrationSharedSecret,
    macaroon_secret_key: secrets.macaroonSecretKey,
    form_secret: secrets.formSecret,
    signing_key_path: signingKeyFile(directory),

    database: { name: "sqlite3", args: { database: join(directory, "homeserver.db") } },
    media_store_path: join(directory, "media"),
    max_upload_size: "100M",
    url_preview_enabled: false,
    log_config: logConfigFile(directory),

    // A household on a small machine.
    caches: { global_factor: 0.25 },
    presence: { enabled: false },
    stats: { enabled: false },
    user_directory: { search_all_users: true },

    ...householdLimits,
    ...overrides,
  };
}

/** Python's logging settings: one file of bounded size. */
export function synapseLogConfig(directory: string, level: "INFO" | "WARNING") {
  return {
    version: 1,
    disable_existing_loggers: false,
    formatters: { line: { format: "%(asctime)s %(levelname)s %(name)s %(message)s" } },
    handlers: {
      file: {
        class: "logging.handlers.RotatingFileHandler",
        formatter: "line",
        filename: synapseLogFile(directory),
        ...{ maxBytes: 5_000_000, backupCount: 1, encoding: "utf8" },
      },
    },
    root: { level, handlers: ["file"] },
  };
}
