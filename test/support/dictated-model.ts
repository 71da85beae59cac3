import { MockLanguageModelV4 } from "ai/test";

type Part = Awaited<ReturnType<MockLanguageModelV4["doStream"]>>["stream"] extends ReadableStream<infer P> ? P : never;

/** A language model that says what the test dictates, while the test goes on: for one answer. */
export interface DictatedModel {
  model: MockLanguageModelV4;
  /** Resolves when it is asked. */
  asked: Promise<void>;
  say(text: string): void;
  /** That was all. */
  finish(): void;
  fail(error: Error): void;
}

const usage = {
  inputTokens: { total: 10, noCache: 10, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 2, text: 2, reasoning: undefined },
};

export function dictatedModel(): DictatedModel {
  const asked = Promise.withResolvers<void>();
  let controller: ReadableStreamDefaultController<Part> | undefined;
  const put = (...parts: Part[]): void => {
    for (const part of parts) controller?.enqueue(part);
  };
  const model = new MockLanguageModelV4({
    async doStream({ abortSignal }) {
      const stream = new ReadableStream<Part>({
        start(begun) {
          controller = begun;
          put({ type: "stream-start", warnings: [] }, { type: "text-start", id: "t" });
          abortSignal?.addEventListener("abort", () => begun.error(abortSignal.reason), { once: true });
          asked.resolve();
        },
      });
      return { stream };
    },
  });
  return {
    ...{ model, asked: asked.promise },
    say: (delta) => put({ type: "text-delta", id: "t", delta }),
    finish() {
      put({ type: "text-end", id: "t" });
      put({ type: "finish", usage, finishReason: { unified: "stop", raw: undefined } });
      controller?.close();
    },
    fail: (error) => put({ type: "error", error }),
  };
}
