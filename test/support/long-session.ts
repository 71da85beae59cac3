import type { ModelRequestSeen, ScriptedTurn } from "./scripted-model.ts";

// What a scripted model needs to know when the program, not the person, speaks to it.

/** The newest words of the request. */
export function newestWords({ prompt }: ModelRequestSeen): string {
  const last = prompt.at(-1);
  if (last?.role !== "user") return "";
  return last.content.map((part) => (part.type === "text" ? part.text : "")).join("\n\n");
}

/** All words of the request but the system prompt. */
export function allWords({ prompt }: ModelRequestSeen): string {
  return JSON.stringify(prompt.filter(({ role }) => role !== "system"));
}

export function isForSummary(request: ModelRequestSeen): boolean {
  return /This is the program.*\bSum all of it up\b/.test(newestWords(request));
}

/** The first step of a quiet run, before anything was called. */
export function isToWriteDown(request: ModelRequestSeen): boolean {
  return /This is the program.*\bWrite down what will matter\b/.test(newestWords(request));
}

/** Within a quiet run, after a call. */
export function isAfterWritingDown({ prompt }: ModelRequestSeen): boolean {
  const words = prompt.filter(({ role }) => role === "user").at(-1);
  return prompt.at(-1)?.role === "tool" && JSON.stringify(words).includes("Write down what will matter");
}

/** A model that writes one line into its journal, sums up in one line, and else does as `answer` says. */
export function careful(
  answer: (request: ModelRequestSeen) => ScriptedTurn,
  { note = "The owner talked about many things.", summary = "The owner talked about many things." } = {},
): (request: ModelRequestSeen) => ScriptedTurn {
  return (request) => {
    if (isForSummary(request)) return summary;
    if (isAfterWritingDown(request)) return "nothing";
    if (!isToWriteDown(request)) return answer(request);
    return { calls: [{ name: "write_memory_file", input: { section: "Conversations", text: note } }] };
  };
}
