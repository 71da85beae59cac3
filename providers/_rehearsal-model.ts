import { randomUUID } from "node:crypto";
import type { LanguageModel } from "ai";
import type { Call, Scene } from "./_rehearsal-rule.ts";
import { ruleFor, rules } from "./_rehearsal-rules.ts";

type Model = Extract<LanguageModel, { specificationVersion: "v4" }>;
type Request = Parameters<Model["doStream"]>[0];
type Prompt = Request["prompt"];
type StreamPart = Awaited<ReturnType<Model["doStream"]>>["stream"] extends ReadableStream<infer Part> ? Part : never;
type ToolResult = Extract<Extract<Prompt[number], { role: "tool" }>["content"][number], { type: "tool-result" }>;

/** One step: something to say, or one call to make. */
type Move = string | Call;

/** A language model to the program; inside, the rules of `_rehearsal-rules.ts`. It remembers nothing: all is in the prompt. */
export function createRehearsalModel(id: string): Model {
  return {
    specificationVersion: "v4",
    provider: "rehearsal",
    modelId: id,
    supportedUrls: {},
    async doStream(request) {
      return { stream: ReadableStream.from(partsOf(nextMove(request), request.abortSignal)) };
    },
    async doGenerate(request) {
      request.abortSignal?.throwIfAborted();
      const move = nextMove(request);
      const content = typeof move === "string" ? { type: "text" as const, text: move } : toolCall(move);
      return { content: [content], finishReason: finishReason(move), usage, warnings: [] };
    },
  };
}

/**
 * What comes next. A rule is played from its beginning at every step, with the results that the prompt has so far, so
 * that it goes on where it was, also after a restart.
 */
function nextMove({ prompt, tools = [], toolChoice }: Request): Move {
  const offered = new Set(toolChoice?.type === "none" ? [] : tools.map(({ name }) => name));
  const scene = sceneOf(prompt, offered);
  const newest = prompt.findLastIndex(({ role }) => role === "user");
  const wish = wordsOf(prompt[newest]);
  if (wish.includes(programSpeaks))
    return wish.includes("Sum all of it up") ? summary(prompt) : "Nothing to write down.";
  const heard = ruleFor(bare(sentenceOf(prompt[newest]), scene.name));
  if (!heard) return notUnderstood(scene);

  const { rule, fields } = heard;
  const play = rule.play(fields, scene);
  if (typeof play === "string") return play;

  let move = play.next();
  for (const result of prompt.slice(newest + 1).flatMap(resultsOf)) {
    if (move.done) break;
    if (result.failed) {
      const reason = toThePerson(result.text);
      return rule.failed?.(fields, reason) ?? `That did not work. ${reason}`;
    }
    move = play.next(result.text);
  }
  if (move.done || offered.has(move.value.tool)) return move.value;
  return `For that I would need the tool \`${move.value.tool}\`, which I do not have here.`;
}

/** As the program begins where it speaks in place of the person. */
const programSpeaks = "This is the program, not your owner.";

/** What the person has said, sentence by sentence: to sum up is beyond rules. */
function summary(prompt: Prompt): string {
  const sentences = prompt.map(sentenceOf).filter((sentence) => sentence !== "" && sentence.length <= 200);
  return ["What was said before:", ...sentences.slice(-30).map((sentence) => `- ${sentence}`)].join("\n");
}

function notUnderstood({ examples }: Scene): string {
  const few = examples.slice(0, 3).map((example) => `\`${example}\``);
  const advice = few.length > 0 ? `What I do understand: ${few.join(", ")} and, with \`help\`, more.` : "Say `help`.";
  return `I did not understand that: I am a few rules, not a model. ${advice}`;
}

/** A refusal is written to the model, about the owner; here it is said to the owner. Other failures stay as they are. */
function toThePerson(reason: string): string {
  if (reason.startsWith("The owner said no")) return "You said no, so I left it.";
  if (reason.startsWith("The owner did not answer")) return "You did not answer in time, so I left it.";
  return reason;
}

function sceneOf(prompt: Prompt, offered: ReadonlySet<string>): Scene {
  const system = prompt.map((message) => (message.role === "system" ? message.content : "")).join("\n");
  return {
    name: /^# (.+)$/m.exec(system)?.[1]?.trim() ?? "Memtrix",
    user: /<USER\.md>(.*?)<\/USER\.md>/s.exec(system)?.[1] ?? "",
    examples: rules.flatMap(({ example, needs = [] }) =>
      example && needs.every((tool) => offered.has(tool)) ? [example] : [],
    ),
  };
}

/**
 * The newest words of the person: without the block that the program put before them, the last of several messages.
 * Nothing where they are too long to be a sentence of ours.
 */
function sentenceOf(message: Prompt[number] | undefined): string {
  const lines = wordsOf(message)
    .replace(/<context>.*?<\/context>/s, "")
    .trim()
    .split("\n");
  const sentence = lines.slice(lines.findLastIndex((line) => line.trim() === "") + 1).join("\n");
  return sentence.length <= longestSentence ? sentence : "";
}

function wordsOf(message: Prompt[number] | undefined): string {
  if (message?.role !== "user") return "";
  return message.content.map((part) => (part.type === "text" ? part.text : "")).join("\n\n");
}

const longestSentence = 4_000;

/** Without what politeness puts around it: "Hello Memtrix, please read notes.txt, thanks!" */
function bare(sentence: string, name: string): string {
  const words = sentence.replace(new RegExp(`^@?${name.replaceAll(/\W/g, "\\$&")}[,:]\\s*`, "i"), "");
  const opened = words.replace(/^(?:(?:hello|hi|hey|please|ok|okay|and|now)\b[\s,.!]+)+(?=\w)/i, "");
  return opened.replace(/[\s,.]+(?:please|thanks|thank you)[.!]*$/i, "");
}

function resultsOf(message: Prompt[number]): { text: string; failed: boolean }[] {
  if (message.role !== "tool") return [];
  return message.content.flatMap((part) => (part.type === "tool-result" ? [readResult(part)] : []));
}

function readResult({ output }: ToolResult): { text: string; failed: boolean } {
  switch (output.type) {
    case "text":
    case "error-text":
      return { text: output.value, failed: output.type === "error-text" };
    case "json":
    case "error-json":
      return { text: JSON.stringify(output.value), failed: output.type === "error-json" };
    case "execution-denied":
      return { text: output.reason ?? "The owner said no.", failed: true };
    case "content":
      return { text: output.value.map((part) => (part.type === "text" ? part.text : "")).join("\n"), failed: false };
  }
}

function* partsOf(move: Move, signal: AbortSignal | undefined): Generator<StreamPart> {
  signal?.throwIfAborted();
  yield { type: "stream-start", warnings: [] };
  if (typeof move !== "string") yield toolCall(move);
  else {
    yield { type: "text-start", id: "0" };
    for (const delta of move.split(/(?<=\s)(?=\S)/)) {
      signal?.throwIfAborted();
      yield { type: "text-delta", id: "0", delta };
    }
    yield { type: "text-end", id: "0" };
  }
  yield { type: "finish", finishReason: finishReason(move), usage };
}

function toolCall({ tool, input }: Call) {
  return { type: "tool-call" as const, toolCallId: randomUUID(), toolName: tool, input: JSON.stringify(input) };
}

function finishReason(move: Move) {
  return { unified: typeof move === "string" ? ("stop" as const) : ("tool-calls" as const), raw: undefined };
}

/** Rules use no tokens. */
const usage = {
  inputTokens: { total: 0, noCache: 0, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 0, text: 0, reasoning: undefined },
};
