import { describe, expect, it } from "vitest";
import type { OpenStep, Run } from "../../src/store/runs.ts";
import { openStore } from "../../src/store/store.ts";
import { clockAt, temporaryFolder, temporaryStore } from "../support/temporary.ts";

const step: OpenStep = {
  message: { role: "assistant", content: [{ type: "text", text: "one moment" }] },
  derived: false,
  text: "one moment",
  calls: [
    { id: "1", name: "delete_file", input: { path: "a" }, state: "done", output: "Deleted a.", origin: "agent" },
    { id: "2", name: "delete_file", input: { path: "b" }, state: "begun" },
    { id: "3", name: "nonsense", input: "{", problem: "no JSON", state: "new" },
  ],
};

describe("a run", () => {
  it("is taken up after a restart where it was saved last", () => {
    const folder = temporaryFolder();
    const clock = clockAt("2026-11-20T10:00:00Z");
    let begun: Run;
    {
      using store = openStore(folder, clock.now);
      begun = store.runs.begin(store.sessions.current("main", "here").id);
      begun.state.steps = 3;
      begun.state.taints.push("the result of fetch_url");
      begun.state.repeats.abc = 2;
      begun.openStep = step;
      store.runs.save(begun);
      begun.state.steps = 4; // Not saved: the program is killed here.
    }
    clock.advance(60_000);
    using store = openStore(folder, clock.now);
    expect(store.runs.resume(begun.id)).toEqual({
      ...begun,
      attempts: 2,
      state: { ...begun.state, steps: 3 },
      openStep: step,
    });
    expect(store.runs.resume(begun.id)?.attempts).toBe(3);
  });

  it("that has ended, or never was, cannot be taken up", () => {
    const store = temporaryStore();
    const run = store.runs.begin(store.sessions.current("main", "here").id);
    store.runs.end(run, "answered");
    expect(store.runs.resume(run.id)).toBeUndefined();
    expect(store.runs.resume(999)).toBeUndefined();
  });

  it("begins clean, and has no open step once that is in the log", () => {
    const store = temporaryStore();
    const run = store.runs.begin(store.sessions.current("main", "here").id);
    expect(run).toMatchObject({ attempts: 1, openStep: undefined, state: { steps: 0, calls: 0, taints: [] } });
    run.openStep = step;
    store.runs.save(run);
    run.openStep = undefined;
    store.runs.save(run);
    expect(store.runs.resume(run.id)?.openStep).toBeUndefined();
  });
});
