import { checkConfig } from "../../../src/config/config.ts";
import { findJsonError } from "../../../src/config/json-error.ts";
import { parseSecrets } from "../../../src/config/secrets-file.ts";
import { ConfigError } from "../../../src/errors.ts";
import { check, type FuzzTarget, stateless } from "../fuzz-target.ts";
import { spoil, spoilJson } from "../spoil.ts";

const config = {
  version: 1,
  "main-agent": { name: "Memtrix", model: "small", provider: "server", tools: { git_clone: false } },
  agents: { helper: { name: "Helper", description: "Helps.", model: "small" } },
  timezone: "Europe/Berlin",
  providers: { server: { type: "ollama", base_url: "http://127.0.0.1:11434", api_key: "$KEY" } },
  models: { small: { provider: "server", model: "llama3:8b", think: true, parameters: { temperature: 0.5 } } },
  channels: {
    cli: { type: "cli" },
    matrix: {
      ...{ type: "matrix", homeserver: "https://example.org", user_id: "@m:example.org", access_token: "$TOKEN" },
      ...{ owners: ["@ada:example.org"], rooms: { "!a:example.org": { mode: "open" } } },
    },
  },
  egress: { allow: ["192.168.1.5:8123"], download_mib: 50 },
};
const secrets = `# keys\nexport MEMTRIX_SECRET_ONE="a b"\nMEMTRIX_SECRET_TWO='c'\r\nMEMTRIX_SECRET_THREE=d\n`;

/** config.json and .env, as a person may leave them. */
export const configTarget: FuzzTarget = {
  name: "config",
  open: stateless((random) => {
    const value = random.chance(0.05) ? config : spoilJson(config, random);
    ours(() => checkConfig(value, "config.json"), value);

    const text = spoil(JSON.stringify(value, null, random.below(3)), random);
    const wrong = findJsonError(text);
    check(wrong !== undefined || isJson(text), "It is taken for JSON and is none", text);
    const isDeep = text.split(/[[{]/).length > 500;
    check(wrong === undefined || isDeep || !isJson(text), "It is JSON and is not taken for it", text);
    check(wrong === undefined || (wrong.line >= 1 && wrong.column >= 1), "The place is none", text);

    const env = spoil(secrets, random, ["MEMTRIX_SECRET_", "=", '"', "'", "\n"]);
    try {
      parseSecrets(env);
    } catch (error) {
      check(/^line \d+: /.test((error as Error).message), `What is said is not ours (${error})`, env);
    }
  }),
};

function ours(work: () => unknown, input: unknown): void {
  try {
    work();
  } catch (error) {
    check(error instanceof ConfigError, `What is thrown is not ours (${error})`, input);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
