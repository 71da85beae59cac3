import type { AssistantModelMessage } from "ai";
import type { OpenCall, OpenStep, Run } from "../store/runs.ts";
import type { ModelReply } from "./ask-model.ts";
import type { ToolOutcome } from "./call-tool.ts";
import { hashOf } from "./canonical.ts";
import type { StopReason } from "./events.ts";
import { mustConclude, type RunLimits, reasonToEnd } from "./policy.ts";
import { withoutMarkerIds } from "./untrusted.ts";

export interface LoopOptions {
  /** Its state and open step are kept up to date here, and written down by `save`. */
  run: Run;
  limits: RunLimits;
  signal: AbortSignal;
  /** One model call over the history as it stands. `conclude`: without tools. `mayBeSilent`: an empty answer is one. */
  askModel(how: { conclude: boolean; mayBeSilent: boolean }): Promise<LoopReply>;
  callTool(call: OpenCall): Promise<ToolOutcome>;
  /** Nothing was read by these calls that the model would have to speak about. */
  needNoComment(calls: readonly OpenCall[]): boolean;
  /** Writes the run's state and open step down. */
  save(): void;
  /** Appends a finished step to the history, whole. */
  commit(step: OpenStep): void;
  /** Takes in what the person has written meanwhile; true when there was something. */
  steer(): boolean;
  /** A limit of the day is reached: a sentence for the person. */
  dayIsOver(): string | undefined;
}

/** `derived`: the run was tainted when the model said this. */
export type LoopReply = ModelReply & { derived: boolean };

export interface LoopResult {
  reason: StopReason;
  /** The answer: markdown. */
  text: string;
  /** What of it is not in the history yet; undefined when all is. */
  last: { text: string; content: AssistantModelMessage["content"] } | undefined;
}

/** Asks the model, makes the calls it wants, and asks again, until it answers without calling. */
export async function runLoop(options: LoopOptions): Promise<LoopResult> {
  const { run, limits, signal } = options;
  let said = run.openStep?.text ?? "";
  let mayBeSilent = false; // the person has been told already, and nothing was read since

  const end = (reason: StopReason, sentence: string): LoopResult => ({
    reason,
    text: [said, sentence].filter(Boolean).join("\n\n"),
    last: sentence ? { text: sentence, content: sentence } : undefined,
  });
  /** When the program is closing instead, the run stays as it is written down: it goes on at the next start. */
  const stopped = (): LoopResult => {
    if (signal.reason === "shutdown") throw signal.reason;
    return end("stopped", "");
  };
  const askUnlessStopped = async (how: { conclude: boolean; mayBeSilent: boolean }): Promise<LoopReply | undefined> => {
    try {
      return await timed(run, () => options.askModel(how));
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  };

  for (;;) {
    if (!run.openStep) {
      if (signal.aborted) return stopped();
      const over = reasonToEnd(run.state, limits) ?? options.dayIsOver();
      if (over) return end("limited", over);

      const conclude = mustConclude(run.state, limits);
      const reply = await askUnlessStopped({ conclude, mayBeSilent: mayBeSilent && said !== "" });
      if (!reply) return stopped();
      run.state.steps++;
      said = reply.text || said;
      if (reply.calls.length === 0 || conclude) return answer(reply, said, conclude);
      run.openStep = {
        message: reply.message,
        text: reply.text,
        derived: reply.derived,
        calls: reply.calls.map((call) => ({ ...call, state: "new" })),
      };
      options.save();
    }

    const step = run.openStep;
    for (const call of step.calls) {
      if (call.state === "done") continue;
      await finish(call, options);
      // The last one is written down with the whole step.
      if (call !== step.calls.at(-1)) options.save();
    }
    mayBeSilent = options.needNoComment(step.calls);
    countRepeats(step, run);
    run.openStep = undefined;
    options.commit(step);
    // What is written to a run that is stopped is for the next one.
    if (!signal.aborted && options.steer()) mayBeSilent = false;
  }
}

function answer(reply: ModelReply, said: string, conclude: boolean): LoopResult {
  const ending = {
    stop: "",
    length: "_(Cut off: the model reached the most it may say at once. Say “go on” for the rest.)_",
    refused: "_(The model's provider held the rest of this answer back.)_",
  }[reply.finish];
  const text = [said, ending].filter(Boolean).join("\n\n");
  const reason = conclude ? "limited" : "answered";
  if (reply.text === "") return { reason, text, last: ending ? { text: ending, content: ending } : undefined };
  // A concluding call may hold calls that nobody will make: its text alone goes into the history.
  return { reason, text, last: { text: reply.text, content: conclude ? reply.text : reply.message.content } };
}

/** Makes one call, and keeps count of what the limits look at. */
async function finish(call: OpenCall, options: LoopOptions): Promise<void> {
  const { run, limits, signal } = options;
  const outcome = signal.aborted
    ? notRun("Not run: the owner stopped the work.")
    : run.state.calls >= limits.calls
      ? notRun(`Not run: this run has made its ${limits.calls} calls. Conclude with what you have.`)
      : await timed(run, () => options.callTool(call));
  // The program is closing: as after a crash, a call that did not come to its end stays as it was written down.
  if (signal.reason === "shutdown" && outcome.failed) throw signal.reason;

  const { output, failed, origin, refused, picture } = outcome;
  Object.assign(call, { state: "done", output, failed, origin, picture });
  run.state.calls++;
  if (refused) run.state.refusals++;
}

/** Counts by step: of calls in one step the model has not seen the results. */
function countRepeats({ calls }: OpenStep, { state }: Run): void {
  const hashes = calls.map(({ name, input, output = "" }) =>
    hashOf([name, input, withoutMarkerIds(output)]).slice(0, 16),
  );
  for (const hash of new Set(hashes)) state.repeats[hash] = (state.repeats[hash] ?? 0) + 1;
}

function notRun(output: string): ToolOutcome {
  return { output, failed: true, refused: false, origin: "agent" };
}

async function timed<T>(run: Run, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  try {
    return await work();
  } finally {
    run.state.workMs += performance.now() - began;
  }
}
