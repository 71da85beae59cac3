import type { Config } from "../src/config/schema.ts";
import type { ProviderModule } from "../src/provider.ts";
import { type Field, fieldsOf } from "./fields.ts";
import { type MatrixDraft, type MatrixStep, matrixSteps } from "./matrix/draft.ts";

/** One screen. */
export type Step =
  | { kind: "name" | "provider" | "connection" | "model" | "context" | "timezone" | "summary" }
  | { kind: "field"; field: Field }
  | MatrixStep;

/** A row of the screen that asks where models come from. */
export interface ProviderChoice {
  section: string;
  type: string;
  /** In the config already. */
  known: boolean;
  /** Its settings are known to be right: it answered by itself. */
  ready: boolean;
}

/** The screens in their order; those about a provider's settings and about Matrix depend on what was answered. */
export function stepsFor(module: ProviderModule | undefined, ready: boolean, matrix: MatrixDraft): Step[] {
  const asked = module && !ready ? fieldsOf(module).filter(isAsked) : [];
  return [
    { kind: "name" },
    { kind: "provider" },
    ...asked.map((field): Step => ({ kind: "field", field })),
    { kind: "connection" },
    { kind: "model" },
    { kind: "context" },
    ...matrixSteps(matrix),
    { kind: "timezone" },
    { kind: "summary" },
  ];
}

export function isMatrixStep(step: Step): step is MatrixStep {
  return ["channel", "homeserver", "login", "user-id", "login-secret", "owners"].includes(step.kind);
}

/** Of settings that have a default only a guess is asked for: where a server on this machine listens. The others have flags. */
function isAsked(field: Field): boolean {
  if (field.question === undefined) return false;
  return field.required || field.secret || isLocalAddress(field);
}

function isLocalAddress({ kind, default: value }: Field): boolean {
  if (kind !== "address" || !URL.canParse(String(value))) return false;
  return ["127.0.0.1", "localhost", "[::1]"].includes(new URL(String(value)).hostname);
}

/** What there is in the config, then what could be added. `running`: types that answered without being told anything. */
export function providerChoices(
  modules: ReadonlyMap<string, ProviderModule>,
  existing: Config | undefined,
  running: ReadonlyMap<string, number>,
): ProviderChoice[] {
  const sections = existing?.providers ?? {};
  const known = Object.entries(sections).map(([section, { type }]) => ({ section, type, known: true, ready: false }));
  const found = [...modules.keys()].flatMap((type) => {
    const fresh = { section: freeSection(type, sections), type, known: false, ready: false };
    return running.has(type) ? [{ ...fresh, ready: true }, fresh] : [fresh];
  });
  return [...known.filter(({ type }) => modules.has(type)), ...found];
}

function freeSection(type: string, sections: Config["providers"]): string {
  if (!sections[type]) return type;
  let number = 2;
  while (sections[`${type}-${number}`]) number++;
  return `${type}-${number}`;
}
