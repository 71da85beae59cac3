import type { ProviderModule } from "../src/provider.ts";
import type { ProviderAnswer } from "./answers.ts";
import { type RunningServer, usualSettings } from "./find-running.ts";
import type { Setup } from "./setup.ts";

/** A row of the screen that asks where models come from. */
export interface ProviderChoice {
  answer: ProviderAnswer;
  /** In the config already, or answered just now for another model. */
  known: boolean;
  /** Its settings are known to be right: it answered. */
  ready: boolean;
}

/**
 * What there is already, then what could be added. `earlier`: answered in this sitting for other models; `running`: types
 * that answered without being told anything.
 */
export function providerChoices(
  { modules, existing, surroundings }: Pick<Setup, "modules" | "existing" | "surroundings">,
  earlier: readonly ProviderAnswer[],
  running: ReadonlyMap<string, RunningServer>,
): ProviderChoice[] {
  const sections = Object.entries(existing?.providers ?? {}).map(([section, { type, ...settings }]) => ({
    answer: { section, type, settings, secrets: {} },
    ...{ known: true, ready: false },
  }));
  const here = new Map(earlier.map((answer) => [answer.section, { answer, known: true, ready: true }]));
  const known = [...here.values(), ...sections.filter(({ answer }) => !here.has(answer.section))];
  const taken = new Set(known.map(({ answer }) => answer.section));
  return [
    ...known.filter(({ answer }) => modules.has(answer.type)),
    ...[...modules.values()].flatMap((module) =>
      added(module, taken, running.get(module.name), usualSettings(module, surroundings)),
    ),
  ];
}

function added(
  { name: type }: ProviderModule,
  taken: ReadonlySet<string>,
  server: RunningServer | undefined,
  usual: Record<string, unknown>,
): ProviderChoice[] {
  const section = freeSection(type, taken);
  const fresh = { answer: { section, type, settings: usual, secrets: {} }, known: false, ready: false };
  if (!server) return [fresh];
  return [{ ...fresh, answer: { ...fresh.answer, settings: server.settings }, ready: true }, fresh];
}

function freeSection(type: string, taken: ReadonlySet<string>): string {
  if (!taken.has(type)) return type;
  let number = 2;
  while (taken.has(`${type}-${number}`)) number++;
  return `${type}-${number}`;
}
