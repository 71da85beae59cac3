import { startWireModel, type WireModel } from "./wire-model.ts";

/**
 * A model that does as it is told: each line `call TOOL {…}` of a message is a call that it makes, one a step, or all in
 * one where a line says `at once`. Then it says what came of them.
 */
export function startObedientModel(): Promise<WireModel> {
  return startWireModel("ollama", ({ newest, calls }) => {
    const wanted = [...newest.matchAll(/^call (\w+) (.*)$/gm)].map(([, name = "", input = "{}"]) => {
      return { name, input: JSON.parse(input) };
    });
    const next =
      /^at once$/m.test(newest) && calls.length === 0 ? wanted : wanted.slice(calls.length, calls.length + 1);
    if (next.length > 0) return { calls: next };
    return calls.length > 0 ? `It gave: ${calls.map(({ output }) => output).join("\n")}` : "I have heard it.";
  });
}
