import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Agent } from "../agent/agent.ts";
import type { Audit } from "../audit.ts";
import type { AccountState, Channel } from "../channel/channel.ts";
import type { Memory } from "../memory/memory.ts";
import type { Usage } from "../store/usage.ts";

/** What the program does, counted; each function gives the same thing back, watched. Agents are named by their ids. */
export interface Metrics {
  agent(id: string, agent: Agent): Agent;
  memory(id: string, memory: Memory): Memory;
  usage(id: string, usage: Usage): Usage;
  audit(audit: Audit): Audit;
  /** All of it in Prometheus' text format; what is a state is looked at now. */
  text(): Promise<string>;
}

export interface MetricsOptions {
  /** Messages that wait for their conversation's turn. */
  waiting(): number;
  channels(): readonly Channel[];
  now(): Date;
}

const secondsOfWork = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const secondsOfSearch = [0.002, 0.005, 0.01, 0.02, 0.03, 0.06, 0.1, 0.25, 1];

export function createMetrics({ waiting, channels, now }: MetricsOptions): Metrics {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry });

  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> =>
    new Counter({ name: `memtrix_${name}`, help, labelNames, registers });
  const histogram = <Label extends string>(
    name: string,
    help: string,
    labelNames: Label[],
    buckets = secondsOfWork,
  ): Histogram<Label> => new Histogram({ name: `memtrix_${name}`, help, labelNames, buckets, registers });

  const runs = counter("runs_total", "Runs that ended, by why they did.", ["agent", "reason"]);
  const runSeconds = histogram("run_seconds", "How long a run took, questions to people included.", ["agent"]);
  const steps = counter("steps_total", "Model calls that came to their end.", ["agent"]);
  const toolSeconds = histogram("tool_seconds", "How long a call took, without the time a person took to decide.", [
    "tool",
    "outcome",
  ]);
  const searchSeconds = histogram(
    "search_seconds",
    "How long a search of the memory took.",
    ["agent", "asked"],
    secondsOfSearch,
  );
  const tokens = counter("tokens_total", "Tokens; cached ones are a part of the input.", ["agent", "model", "kind"]);
  const dollars = counter("cost_dollars_total", "What providers say it cost, in US dollars.", ["agent", "model"]);
  const decisions = counter("policy_decisions_total", "Decisions about calls, as in the audit.", ["tool", "verdict"]);

  new Gauge({
    ...{ name: "memtrix_messages_waiting", help: "Messages that wait for their conversation's turn.", registers },
    collect() {
      this.set(waiting());
    },
  });
  const perAccount = (name: string, help: string, read: (health: AccountState) => number | undefined): void => {
    new Gauge({
      ...{ name: `memtrix_${name}`, help, labelNames: ["channel", "agent"], registers },
      collect() {
        this.reset();
        for (const { name: channel, health } of channels())
          for (const state of health?.() ?? []) {
            const value = read(state);
            if (value !== undefined) this.set({ channel, agent: state.agent }, value);
          }
      },
    });
  };
  perAccount(
    "sync_age_seconds",
    "Time since the homeserver was heard.",
    ({ lastSyncAt }) => lastSyncAt && (now().getTime() - lastSyncAt.getTime()) / 1000,
  );
  perAccount(
    "undecryptable_events",
    "Events of the last two minutes that could not be read.",
    (state) => state.undecryptable,
  );
  perAccount("events_waiting", "Events that have not left yet.", (state) => state.waiting);

  async function timed<T>(watch: () => void, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } finally {
      watch();
    }
  }

  return {
    agent: (id, agent) => ({
      ...agent,
      async run(request) {
        const over = runSeconds.startTimer({ agent: id });
        try {
          const result = await agent.run({
            ...request,
            onEvent(event) {
              if (event.type === "step-end") steps.inc({ agent: id });
              if (event.type === "tool-end") {
                const outcome = event.refused ? "refused" : event.failed ? "failed" : "done";
                toolSeconds.observe({ tool: event.call.name, outcome }, event.durationMs / 1000);
              }
              request.onEvent(event);
            },
          });
          runs.inc({ agent: id, reason: result.reason });
          return result;
        } catch (error) {
          // A run that the end of the program interrupts goes on at the next start.
          if (request.signal.reason !== "shutdown") runs.inc({ agent: id, reason: "failed" });
          throw error;
        } finally {
          over();
        }
      },
    }),
    memory: (id, memory) => ({
      ...memory,
      search: (...query) => timed(searchSeconds.startTimer({ agent: id, asked: "by-tool" }), memory.search(...query)),
      recollect: (...query) =>
        timed(searchSeconds.startTimer({ agent: id, asked: "before-answer" }), memory.recollect(...query)),
    }),
    usage: (id, usage) => ({
      ...usage,
      add(entry) {
        usage.add(entry);
        const { model, inputTokens, cachedTokens, outputTokens, cost } = entry;
        tokens.inc({ agent: id, model, kind: "input" }, inputTokens);
        tokens.inc({ agent: id, model, kind: "cached" }, cachedTokens);
        tokens.inc({ agent: id, model, kind: "output" }, outputTokens);
        if (cost !== undefined) dollars.inc({ agent: id, model }, cost);
      },
    }),
    audit: (audit) => ({
      record(decision) {
        audit.record(decision);
        decisions.inc({ tool: decision.tool, verdict: decision.verdict });
      },
    }),
    text: () => registry.metrics(),
  };
}
