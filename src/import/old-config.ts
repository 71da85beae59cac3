import { z } from "zod";
import type { Config } from "../config/config.ts";
import { placeholder } from "../config/schema.ts";

/** The parts of a config.json of Memtrix in Python (v2.7) that have a place in ours. */
export const oldConfigSchema = z.looseObject({
  "main-agent": z
    .looseObject({
      name: z.string().optional(),
      model: z.string().default(""),
      channel: z.string().default(""),
      verbose: z.boolean().default(false),
      reasoning: z.boolean().default(false),
    })
    .prefault({}),
  providers: z.record(z.string(), z.looseObject({ type: z.string() })).default({}),
  models: z
    .record(
      z.string(),
      z.looseObject({ provider: z.string(), model: z.string(), think: z.boolean().optional().catch(undefined) }),
    )
    .default({}),
  channels: z.record(z.string(), z.looseObject({ type: z.string() })).default({}),
  agents: z
    .record(
      z.string(),
      z.looseObject({
        description: z.string().default(""),
        display_name: z.string().optional(),
        model: z.string().default(""),
        matrix_user_id: z.string().optional(),
        matrix_access_token: z.string().optional(),
      }),
    )
    .default({}),
});

export type OldConfig = z.infer<typeof oldConfigSchema>;

export interface Translated {
  /** As config.json will have it; whatever reads it checks it. */
  config: Record<string, unknown> & Pick<Config, "providers" | "agents">;
  /** By name, for the file of secrets. */
  secrets: Record<string, string>;
  /** What has no place here, and what is still to be done: one sentence each. */
  notes: string[];
}

/** What was called otherwise. */
const providerTypes: Record<string, string> = { openai_compatible: "openai-compatible" };

export interface TranslateOptions {
  old: OldConfig;
  /** The secrets of the old one by name. */
  known: ReadonlyMap<string, string>;
  /** Full Matrix ids. The old one had none: it obeyed whoever wrote to it. */
  owners: readonly string[];
  /** The provider types that there are here. */
  types: readonly string[];
}

/** Our config for an old one. Secrets that stood in it get a name each. */
export function translate({ old, known, owners, types }: TranslateOptions): Translated {
  const secrets: Record<string, string> = {};
  const notes: string[] = [];

  /** `$NAME` for a value that may be one already. */
  function secret(value: string, name: string): string {
    const asked = placeholder.exec(value)?.[1];
    const stored = asked ?? name;
    const found = asked === undefined ? value : known.get(asked);
    if (found) secrets[stored] = found;
    else notes.push(`The secret ${stored} was not found: put MEMTRIX_SECRET_${stored}=… into .env.`);
    return `$${stored}`;
  }

  const providers: Record<string, Record<string, unknown> & { type: string }> = {};
  for (const [name, { type: oldType, ...settings }] of Object.entries(old.providers)) {
    const type = providerTypes[oldType] ?? oldType;
    if (!types.includes(type)) {
      notes.push(`The provider ${name} is left out: there is no ${oldType} here.`);
      continue;
    }
    const { api_key: key, base_url } = settings;
    const hasKey = typeof key === "string" && key !== "";
    providers[name] = {
      type,
      ...(typeof base_url === "string" && base_url !== "" ? { base_url } : {}),
      ...(hasKey ? { api_key: secret(key, `${secretName(name)}_API_KEY`) } : {}),
    };
  }

  const models: Record<string, object> = {};
  for (const [name, { provider, model, think }] of Object.entries(old.models)) {
    if (providers[provider]) models[name] = { provider, model, ...(think === undefined ? {} : { think }) };
    else notes.push(`The model ${name} is left out with its provider ${provider}.`);
  }

  const channels: Record<string, object> = {};
  for (const [name, channel] of Object.entries(old.channels)) {
    if (channel.type === "cli") channels[name] = { type: "cli" };
    else if (channel.type === "matrix") {
      const { homeserver, user_id, access_token = "" } = channel;
      const token = secret(String(access_token), tokenName(Object.keys(channels), name));
      channels[name] = { type: "matrix", homeserver, user_id, access_token: token, owners };
    } else notes.push(`The channel ${name} is left out: there is no ${channel.type} here.`);
  }

  const { name = "Memtrix", model, channel, verbose, reasoning } = old["main-agent"];
  const agents: Record<string, object> = {};
  for (const [id, agent] of Object.entries(old.agents)) {
    if (!/^[a-z][a-z0-9-]{0,31}$/.test(id) || id === "main") {
      notes.push(`The agent ${JSON.stringify(id)} is left out: no agent can have this id here.`);
      continue;
    }
    const { display_name, description, model: own, matrix_user_id: user, matrix_access_token: token } = agent;
    const login = user && token ? { user_id: user, access_token: secret(token, `${secretName(id)}_ACCESS_TOKEN`) } : {};
    agents[id] = {
      ...{ name: display_name || id, description: description || display_name || id },
      ...{ model: models[own] ? own : model, channel, ...login },
    };
  }
  for (const section of Object.keys(old))
    if (!["main-agent", "providers", "models", "channels", "agents", "workspace-directory"].includes(section))
      notes.push(`"${section}" of the old config has no place here.`);

  const config = {
    ...{ version: 1, "main-agent": { name, model, channel, verbose, reasoning } },
    ...{ providers, models, channels, agents },
  };
  return { config: config as Translated["config"], secrets, notes };
}

function tokenName(before: readonly string[], name: string): string {
  return before.length === 0 || name === "matrix" ? "MATRIX_ACCESS_TOKEN" : `${secretName(name)}_ACCESS_TOKEN`;
}

function secretName(name: string): string {
  const plain = name.toUpperCase().replace(/[^A-Z0-9]+/g, "_");
  return /^[A-Z_]/.test(plain) ? plain : `_${plain}`;
}
