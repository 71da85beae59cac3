import type { Turn } from "./model-server.ts";
import { type OllamaChat, startOllamaServer } from "./ollama-server.ts";

/** A model that answers at once, any number of times, with the number of the message that it answers. */
export interface CountingModel extends AsyncDisposable {
  /** How many requests came. */
  asked(): number;
  /** A config.json whose main agent uses it. */
  config: object;
}

export const messageText = (number: number): string => `This is message ${number}.`;
export const answerText = (number: number): string => `Answer to ${number}.`;

/** The number in an answer's text; undefined for anything else that is said. */
export function answeredNumber(text: string): number | undefined {
  const number = /Answer to (\d+)\./.exec(text)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** `usesTools`: some of the messages are answered only after a call. */
export async function startCountingModel({ usesTools = true } = {}): Promise<CountingModel> {
  let asked = 0;
  const turn = (body: OllamaChat): Turn => {
    asked++;
    server.turns.push(turn);
    server.requests.splice(0); // Thousands of them, each with all that was said, would fill the memory.
    return turnFor(body, usesTools);
  };
  const server = await startOllamaServer({
    turns: Array.from({ length: 10 }, () => turn),
    models: { small: { contextTokens: 8192 } },
  });
  return {
    asked: () => asked,
    config: {
      version: 1,
      timezone: "UTC",
      providers: { server: { type: "ollama", base_url: server.url } },
      models: { small: { provider: "server", model: "small" } },
    },
    [Symbol.asyncDispose]: server.close,
  };
}

function turnFor({ messages }: OllamaChat, usesTools: boolean): Turn {
  const newest = messages.findLastIndex(({ role }) => role === "user");
  const number = Number(
    messages[newest]?.content
      .match(/This is message (\d+)\./g)
      ?.at(-1)
      ?.match(/\d+/)?.[0],
  );
  const hasCalled = messages.slice(newest).some(({ role }) => role === "tool");
  if (usesTools && !hasCalled && number % 3 === 0) return { calls: [{ name: "get_current_time" }] };
  if (usesTools && !hasCalled && number % 5 === 0) {
    return { calls: [{ name: "create_file", input: { path: `notes/${number}.md`, content: `About ${number}.` } }] };
  }
  return { text: answerText(number) };
}
