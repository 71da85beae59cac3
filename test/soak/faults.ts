import { setTimeout as sleep } from "node:timers/promises";
import type { RunningChroma } from "../../src/memory/chroma-process.ts";
import type { Fate } from "../support/flaky-proxy.ts";
import type { Turn } from "../support/model-server.ts";
import type { Running } from "../support/program.ts";
import type { TestSynapse } from "../support/synapse.ts";

/** What a fault can be done to. */
export interface System {
  synapse: TestSynapse;
  chroma: RunningChroma | undefined;
  running(): Running;
  /** Kills the program and starts it again. */
  restart(): Promise<void>;
  /** What becomes of requests to the homeserver from now on. */
  network: { fate(): Fate };
  /** What the model does from now on in place of its answer. */
  model: { instead(): Turn | undefined };
}

export interface Fault {
  name: string;
  /** It ends the program: what it holds cannot be compared before and after. */
  restarts?: true;
  /** Lasts for a while, and is over when this resolves. */
  happen(system: System, random: () => number): Promise<void>;
}

const seconds = (from: number, to: number, random: () => number): Promise<void> =>
  sleep(1000 * (from + random() * (to - from)));

const network = (name: string, fate: (random: () => number) => Fate, longest = 8): Fault => ({
  name,
  async happen({ network }, random) {
    network.fate = () => fate(random);
    await seconds(2, longest, random);
    network.fate = () => "passed";
  },
});

const model = (name: string, turn: Turn): Fault => ({
  name,
  async happen({ model }, random) {
    model.instead = () => turn;
    await seconds(1, 4, random);
    model.instead = () => undefined;
  },
});

const frozen = async (pid: number | undefined, random: () => number): Promise<void> => {
  if (pid === undefined) return;
  process.kill(pid, "SIGSTOP");
  await seconds(3, 12, random);
  process.kill(pid, "SIGCONT");
};

/** Rows of the fault matrix that can befall a system at work. */
export const faults: readonly Fault[] = [
  { name: "the program is killed", restarts: true, happen: ({ restart }) => restart() },
  { name: "the program is frozen", happen: ({ running }, random) => frozen(running().pid, random) },
  network("the network is cut", () => "reset"),
  network("every third answer is lost", (random) => (random() < 0.33 ? "answer-lost" : "passed"), 15),
  network("requests hang", () => "hangs"),
  network("the homeserver says: wait", (random) => (random() < 0.5 ? "limited" : "passed"), 15),
  {
    name: "the homeserver is away",
    async happen({ synapse }, random) {
      await synapse.pause();
      await seconds(2, 10, random);
      await synapse.resume();
    },
  },
  { name: "Chroma is killed", happen: async ({ chroma }) => void (chroma && process.kill(chroma.pid(), "SIGKILL")) },
  { name: "Chroma is frozen", happen: ({ chroma }, random) => frozen(chroma?.pid(), random) },
  { name: "Chroma's data are gone", happen: async ({ chroma }) => chroma?.beginAnew() },
  model("the model is overloaded", { status: 503 }),
  model("the model breaks off", { text: "This answer is", afterBytes: 60, ending: "reset" }),
  model("the model's stream ends early", { text: "This answer is", afterBytes: 60, ending: "end" }),
  model("the model sends an error", { text: "This", streamError: "out of memory" }),
];
