import type { Turn } from "../support/model-server.ts";
import { startOllamaServer } from "../support/ollama-server.ts";
import { startOpenaiServer } from "../support/openai-server.ts";
import type { WireName } from "../support/wire-model.ts";

/** A model's server that answers at once, and keeps the time. */
export interface InstantModel extends AsyncDisposable {
  /** A config.json whose main agent uses this model. */
  config: object;
  /** What the next requests are answered with, in order. */
  answerWith(turns: readonly Turn[]): void;
  /** The exchanges since the last call. */
  takeExchanges(): Exchange[];
}

/** One request and its answer; times of `performance.now()`. */
export interface Exchange {
  /** The server has the whole request. */
  arrivedAt: number;
  /** The last byte of the answer is handed to the socket. */
  answeredAt: number;
  /** The request's body, to the byte. */
  body: Buffer;
  /** The program makes room in the view: no part of the run's own script. */
  isAside: boolean;
}

export async function startInstantModel(wire: WireName): Promise<InstantModel> {
  const times: { arrivedAt: number; answeredAt: number; isAside: boolean }[] = [];
  const contextTokens = 131_072;
  const server =
    wire === "ollama"
      ? await startOllamaServer({ models: { small: { contextTokens } } })
      : await startOpenaiServer({ models: [{ id: "small", object: "model" }] });

  const timed = (turn: Turn) => {
    const play = ({ messages }: { messages: readonly { content: unknown }[] }): Turn => {
      const isAside = String(messages.at(-1)?.content).includes("This is the program, not your owner.");
      const time = { arrivedAt: performance.now(), answeredAt: Number.NaN, isAside };
      times.push(time);
      if (isAside) server.turns.unshift(play);
      // Called with the whole stream, which then goes out in one piece.
      const edit = (bytes: Buffer): Buffer => {
        time.answeredAt = performance.now();
        return bytes;
      };
      return isAside ? { text: "Much was said of many things.", edit } : { ...turn, edit };
    };
    return play;
  };

  return {
    config: {
      version: 1,
      "main-agent": { name: "Memtrix", model: "small" },
      timezone: "UTC",
      providers: { server: { type: wire, base_url: wire === "ollama" ? server.url : `${server.url}/v1` } },
      models: { small: { provider: "server", model: "small" } },
    },
    answerWith: (turns) => void server.turns.push(...turns.map(timed)),
    takeExchanges() {
      const requests = server.requests.splice(0);
      return times.splice(0).map((time, index) => ({ ...time, body: requests[index]?.bytes ?? Buffer.alloc(0) }));
    },
    [Symbol.asyncDispose]: server.close,
  };
}
