import { lstat, mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { atomicWrite } from "../src/config/atomic-write.ts";
import { saveConfig } from "../src/config/config.ts";
import { type Config, configSchema, configVersion } from "../src/config/schema.ts";
import { saveSecrets, secretsPath } from "../src/config/secrets.ts";
import { checkout, homePaths } from "../src/home.ts";
import type { Answers, ProviderAnswer, SourceAnswer } from "./answers.ts";
import { matrixSection } from "./matrix/answer.ts";
import type { PreparedMatrix } from "./matrix/prepare.ts";
import { secretNames } from "./secret-names.ts";
import type { Surroundings } from "./surroundings.ts";

/** What was written, as paths. */
export interface Written {
  config: string;
  secrets: string | undefined;
  /** Files of the workspace that were not there before. */
  workspace: string[];
}

export interface SetupToWrite {
  home: string;
  answers: Answers;
  /** What the config says now; what the answers do not speak of is kept. */
  existing: Config | undefined;
  matrix?: Pick<PreparedMatrix, "section"> | undefined;
  surroundings: Pick<Surroundings, "searxng">;
}

/**
 * Writes what the answers say: the secrets, the first files of the workspace where there are none, and last the config,
 * whose presence says that all is done.
 */
export async function writeSetup(setup: SetupToWrite): Promise<Written> {
  const { home } = setup;
  const { config, secrets } = planSetup(setup);
  const paths = homePaths(home, config["workspace-directory"]);

  for (const folder of [paths.data, paths.agents, paths.workspace]) await mkdir(folder, { recursive: true });
  await saveSecrets(home, secrets);
  const workspace = await copyTemplates(paths.workspace);
  await saveConfig(home, config);
  return {
    config: paths.config,
    secrets: Object.keys(secrets).length > 0 ? secretsPath(home) : undefined,
    workspace,
  };
}

/** The config that the answers make, and the secrets beside it. */
export function planSetup({ answers, existing, matrix, surroundings }: Omit<SetupToWrite, "home">): {
  config: Config;
  secrets: Record<string, string>;
} {
  const { others, provider, model } = answers;
  let sources: Pick<Config, "providers" | "models"> = existing ?? { providers: {}, models: {} };
  const secrets: Record<string, string> = {};
  let main = "";
  for (const source of [...others, { provider, model }]) {
    const names = secretNames(source.provider, { ...existing, providers: sources.providers });
    for (const [field, value] of Object.entries(source.provider.secrets)) secrets[names[field] ?? field] = value;
    main = modelSection(source, sources.models, existing?.["main-agent"].model);
    sources = withSource(source, main, names, sources);
  }

  const config = configSchema.parse({
    ...existing,
    ...sources,
    version: configVersion,
    "main-agent": {
      ...existing?.["main-agent"],
      ...{ name: answers.name.trim(), provider: provider.section, model: main, channel: answers.channel },
    },
    timezone: answers.timezone.trim(),
    channels: { cli: { type: "cli" }, ...existing?.channels, ...(matrix && matrixChannel(matrix, existing)) },
    search: existing?.search ?? { searxng_url: surroundings.searxng ?? null },
  });
  return { config, secrets };
}

function withSource(
  { provider, model }: SourceAnswer,
  name: string,
  names: Record<string, string>,
  { providers, models }: Pick<Config, "providers" | "models">,
): Pick<Config, "providers" | "models"> {
  const { section } = provider;
  const changed = { provider: section, model: model.id, context_tokens: model.contextTokens };
  const before = models[name] ?? { parameters: {} };
  return {
    providers: { ...providers, [section]: providerSection(provider, names) },
    models: { ...models, [name]: { ...before, ...changed } },
  };
}

function matrixChannel({ section }: Pick<PreparedMatrix, "section">, existing: Config | undefined) {
  const { name, section: before } = matrixSection(existing);
  // Another account has other rooms, and its keys are opened by another key.
  const isAnother = section.user_id !== undefined && section.user_id !== before?.user_id;
  const kept = isAnother && before ? { ...before, recovery_key: null, home_room: null, rooms: {} } : before;
  return { [name]: { ...kept, type: "matrix", ...section } };
}

function providerSection(
  { type, settings, secrets }: ProviderAnswer,
  names: Record<string, string>,
): Config["providers"][string] {
  const placeholders = Object.keys(secrets).map((field) => [field, `$${names[field]}`]);
  return { type, ...settings, ...Object.fromEntries(placeholders) };
}

/** The model's name in the config: its id, or what the owner calls this model of this provider already. */
function modelSection(
  { provider, model }: SourceAnswer,
  models: Config["models"],
  preferred: string | undefined,
): string {
  const same = (name: string) => models[name]?.provider === provider.section && models[name]?.model === model.id;
  if (preferred && same(preferred)) return preferred;
  const known = Object.keys(models).find(same);
  if (known) return known;
  return models[model.id] ? `${model.id}@${provider.section}` : model.id;
}

/** Copies the first files of a workspace to where they are missing. Gives the paths of those. */
export async function copyTemplates(workspace: string): Promise<string[]> {
  await mkdir(workspace, { recursive: true });
  const templates = join(checkout, "onboard", "templates");
  const copied: string[] = [];
  for (const file of (await readdir(templates)).filter((name) => name.endsWith(".md")).sort()) {
    const target = join(workspace, file);
    if (await lstat(target).catch(() => undefined)) continue;
    // Whole or not at all: an empty one would never be replaced.
    await atomicWrite(target, await readFile(join(templates, file), "utf8"));
    copied.push(target);
  }
  return copied;
}
