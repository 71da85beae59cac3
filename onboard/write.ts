import { lstat, mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { atomicWrite } from "../src/config/atomic-write.ts";
import { saveConfig } from "../src/config/config.ts";
import { type Config, configSchema, configVersion } from "../src/config/schema.ts";
import { saveSecrets, secretsPath } from "../src/config/secrets.ts";
import { checkout, homePaths } from "../src/home.ts";
import type { Answers, ProviderAnswer } from "./answers.ts";
import { matrixSection } from "./matrix/answer.ts";
import type { PreparedMatrix } from "./matrix/prepare.ts";
import { secretNames } from "./secret-names.ts";

/** What was written, as paths. */
export interface Written {
  config: string;
  secrets: string | undefined;
  /** Files of the workspace that were not there before. */
  workspace: string[];
}

/**
 * Writes what the answers say: the secrets, the first files of the workspace where there are none, and last the config,
 * whose presence says that all is done. What `existing` says beside the answers is kept.
 */
export async function writeSetup(
  home: string,
  answers: Answers,
  existing: Config | undefined,
  matrix?: Pick<PreparedMatrix, "section">,
): Promise<Written> {
  const names = secretNames(answers.provider, existing);
  const config = configFrom(answers, names, existing, matrix);
  const paths = homePaths(home, config["workspace-directory"]);
  const secrets = Object.fromEntries(
    Object.entries(answers.provider.secrets).map(([field, value]) => [names[field] ?? field, value]),
  );

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

/** The config that the answers make; `names` are those of the secrets that were typed. */
export function configFrom(
  answers: Answers,
  names: Record<string, string>,
  existing: Config | undefined,
  matrix?: Pick<PreparedMatrix, "section">,
): Config {
  const { provider, model } = answers;
  const modelName = modelSection(answers, existing);
  return configSchema.parse({
    ...existing,
    version: configVersion,
    "main-agent": {
      ...existing?.["main-agent"],
      name: answers.name.trim(),
      provider: provider.section,
      model: modelName,
      channel: answers.channel,
    },
    timezone: answers.timezone.trim(),
    providers: { ...existing?.providers, [provider.section]: providerSection(provider, names) },
    models: {
      ...existing?.models,
      [modelName]: {
        ...existing?.models[modelName],
        provider: provider.section,
        model: model.id,
        context_tokens: model.contextTokens,
      },
    },
    channels: { cli: { type: "cli" }, ...existing?.channels, ...(matrix && matrixChannel(matrix, existing)) },
  });
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
function modelSection({ provider, model }: Answers, existing: Config | undefined): string {
  const models = existing?.models ?? {};
  const current = existing?.["main-agent"].model;
  const same = (name: string) => models[name]?.provider === provider.section && models[name]?.model === model.id;
  if (current && same(current)) return current;
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
