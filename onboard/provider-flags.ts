import { answersFrom, type ProviderAnswer, sectionProblem } from "./answers.ts";
import { type Field, fieldsOf, settingFrom } from "./fields.ts";
import { usualSettings } from "./find-running.ts";
import { FlagError, type Flags, flagOf, flagWords, refuse, textOfFlag } from "./flags.ts";
import { type SecretSources, secretFromFlags } from "./secret-flags.ts";
import { secretNames } from "./secret-names.ts";
import type { Setup } from "./setup.ts";

/** `answer` is there once the provider is known; it is complete when nothing is missing. */
export interface ProviderResult {
  answer?: ProviderAnswer;
  missing: string[];
}

/** The provider that flags name, with its settings; what is not said stays as the config has it. */
export async function providerFromFlags(flags: Flags, setup: Setup, sources: SecretSources): Promise<ProviderResult> {
  const { existing, modules } = setup;
  const types = [...modules.keys()].join(", ");
  const asked = textOfFlag(flags, "provider") ?? (existing && answersFrom(existing)?.provider.section);
  if (asked === undefined) return { missing: [`--provider  where models come from: ${types}`] };

  const section = textOfFlag(flags, "provider-name") ?? asked;
  refuse("provider-name", sectionProblem(section));
  const { type = asked, ...known } = existing?.providers[section] ?? {};
  const module = modules.get(type);
  if (!module) throw new FlagError(`--provider: there is no "${type}"; there are ${types}.`);
  if (section !== asked && type !== asked && textOfFlag(flags, "provider"))
    throw new FlagError(`--provider-name: "${section}" is there already, of the type ${type}.`);

  const fields = fieldsOf(module);
  refuseForeign(flags, fields, setup);
  const secrets = await secretsFromFlags(flags, fields, sources);
  const begin = existing?.providers[section] ? known : usualSettings(module, setup.surroundings);
  const settings: Record<string, unknown> = { ...begin, ...settingsFromFlags(flags, fields) };
  const missing: string[] = [];
  for (const field of fields) {
    if (field.name in secrets) delete settings[field.name];
    else if (field.name in settings) continue;
    else if (field.secret && setup.secrets.has(nameFor(field, section, setup)))
      settings[field.name] = `$${nameFor(field, section, setup)}`;
    else if (field.required) missing.push(`${flagWords(field)}  ${field.question ?? field.name}`);
  }
  return { answer: { section, type, settings, secrets }, missing };
}

function settingsFromFlags(flags: Flags, fields: readonly Field[]): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const field of fields.filter(({ secret }) => !secret)) {
    const typed = textOfFlag(flags, flagOf(field.name));
    if (typed !== undefined) settings[field.name] = settingFrom(field, typed);
  }
  return settings;
}

async function secretsFromFlags(
  flags: Flags,
  fields: readonly Field[],
  sources: SecretSources,
): Promise<Record<string, string>> {
  const secrets: Record<string, string> = {};
  for (const { name } of fields.filter(({ secret }) => secret)) {
    const value = await secretFromFlags(flags, flagOf(name), sources);
    if (value !== undefined) secrets[name] = value;
  }
  return secrets;
}

/** A secret that the owner put into `.env` beforehand is found under the name that it would be given. */
function nameFor({ name }: Field, section: string, { existing }: Setup): string {
  return secretNames({ section, secrets: { [name]: "" } }, existing)[name] ?? "";
}

/** A flag of another provider would be lost without a word. */
function refuseForeign(flags: Flags, own: readonly Field[], { modules }: Setup): void {
  const known = new Set(own.flatMap(flagsOf));
  const foreign = [...modules.values()]
    .flatMap(fieldsOf)
    .flatMap(flagsOf)
    .find((flag) => flag in flags && !known.has(flag));
  if (foreign) throw new FlagError(`--${foreign} is not a setting of this provider.`);
}

function flagsOf({ name, secret }: Field): string[] {
  return secret ? [`${flagOf(name)}-env`, `${flagOf(name)}-stdin`] : [flagOf(name)];
}
