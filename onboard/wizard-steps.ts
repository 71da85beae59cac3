import type { ProviderModule } from "../src/provider.ts";
import type { Draft, Source } from "./draft.ts";
import { type Field, fieldsOf } from "./fields.ts";
import { type MatrixStep, matrixSteps } from "./matrix/draft.ts";
import type { Place } from "./parts/frame.tsx";
import { isOwnAddress } from "./surroundings.ts";

/** One screen. */
export type Step = { kind: "name" | "main" | "timezone" | "summary" } | SourceStep | MatrixStep;

/** A screen about where models come from; `source` counts them. */
export type SourceStep =
  | { kind: "provider" | "connection" | "model" | "context" | "more"; source: number }
  | { kind: "field"; source: number; field: Field };

/** The screens in their order; what they are depends on what was answered. */
export function stepsFor({ sources, matrix }: Draft, modules: ReadonlyMap<string, ProviderModule>): Step[] {
  return [
    { kind: "name" },
    ...sources.flatMap((source, index) => sourceSteps(source, index, modules)),
    ...(sources.length > 1 ? [{ kind: "main" } as const] : []),
    ...matrixSteps(matrix),
    { kind: "timezone" },
    { kind: "summary" },
  ];
}

function sourceSteps(
  { provider, ready }: Source,
  source: number,
  modules: ReadonlyMap<string, ProviderModule>,
): SourceStep[] {
  const module = provider && modules.get(provider.type);
  const asked = module && !ready ? fieldsOf(module).filter(isAsked) : [];
  return [
    { kind: "provider", source },
    ...asked.map((field): SourceStep => ({ kind: "field", source, field })),
    { kind: "connection", source },
    { kind: "model", source },
    { kind: "context", source },
    { kind: "more", source },
  ];
}

export function isMatrixStep(step: Step): step is MatrixStep {
  return ["channel", "homeserver", "login", "user-id", "login-secret", "owners"].includes(step.kind);
}

export function isSourceStep(step: Step): step is SourceStep {
  return "source" in step;
}

/** What people count: the connection is passed through by itself. */
export function placeOf(index: number, steps: readonly Step[]): Place {
  const asked = (some: readonly Step[]) => some.filter(({ kind }) => kind !== "connection").length;
  return { step: asked(steps.slice(0, index + 1)), of: asked(steps) };
}

/** Of settings that have a default only a guess is asked for: where a server on this machine listens. The others have flags. */
function isAsked(field: Field): boolean {
  if (field.question === undefined) return false;
  return field.required || field.secret || (field.kind === "address" && isOwnAddress(field.default));
}
