import { startWireModel, type WireModel } from "./wire-model.ts";

/** A model that does as it is told: `call TOOL {…}` in a message makes these calls, one a step; then it says what came of the last. */
export function startObedientModel(): Promise<WireModel> {
  return startWireModel("ollama", ({ newest, calls }) => {
    const wanted = [...newest.matchAll(/^call (\w+) (.*)$/gm)];
    const [, name, input] = wanted[calls.length] ?? [];
    if (name !== undefined) return { calls: [{ name, input: JSON.parse(input ?? "{}") }] };
    return calls.length > 0 ? `It gave: ${calls.at(-1)?.output}` : "I have heard it.";
  });
}
