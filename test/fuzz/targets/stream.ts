import { ask, type WireUnderTest } from "../../support/model-call.ts";
import type { Turn } from "../../support/model-server.ts";
import { check, type FuzzTarget } from "../fuzz-target.ts";
import type { Random } from "../random.ts";
import { spoil, spoilBytes } from "../spoil.ts";

const turns: Turn[] = [
  { text: "Hello there, all of you." },
  { thinking: "Where is it?", text: "Here.", usage: { input: 1, output: 2 } },
  { calls: [{ name: "look", input: { place: "here" } }] },
  {
    text: "Both.",
    calls: [
      { name: "look", rawInput: '{"place":' },
      { name: "no_such_tool", input: [1] },
    ],
  },
  { text: "cut", finish: "length" },
  { text: "no", streamError: { message: "overloaded", code: 500 } },
];
const pieces = [
  ...["data: ", "data: [DONE]\n\n", "\n\n", "event: error\n", ": ping\n\n", '{"error":"x"}\n', '"done":true', "null"],
  ...['"tool_calls":[{"index":-1}]', '"choices":[]', '"content":{}', '"finish_reason":"error"', '"message":null'],
];
/** What a wait of a real model would be long past. */
const mostMs = 20_000;

/** What a model's server sends, through the real provider and over a real socket. */
export function streamTarget(wire: WireUnderTest): FuzzTarget {
  return {
    name: `stream of ${wire.name}`,
    async open() {
      const server = await wire.start([]);
      async function trial(random: Random): Promise<void> {
        const turn: Turn = {
          ...random.pick(turns),
          edit: (bytes) => spoilBytes(Buffer.from(spoil(bytes.toString(), random, pieces)), random),
          ...(random.chance(0.3) ? { sliceBytes: () => 1 + random.below(50) } : {}),
          ...(random.chance(0.2) ? { ending: random.pick(["close", "reset"] as const) } : {}),
          ...(random.chance(0.1)
            ? { status: random.pick([200, 204, 400, 429, 500, 503]), body: spoil("{}", random) }
            : {}),
        };
        // Each failed try asks again: it gets the same.
        server.turns.splice(0, server.turns.length, ...Array<Turn>(8).fill(turn));
        const signal = AbortSignal.timeout(mostMs);
        // Throws whatever is no ModelError.
        const { reply, error } = await ask(wire, server.url, { signal, timing: { silenceMs: 2_000 } });
        check(reply || error, "There is neither an answer nor an error", turn);
        check(!error || /\S/.test(error.message), "The error says nothing", turn);
      }
      return { trial, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
    },
  };
}
