import type { AgentEvent, StopReason, ToolCall, ToolEnd } from "../../agent/events.ts";
import type { Update } from "./display.ts";

/** One conversation as the screen shows it. A plain value: `advance` gives the next. */
export interface Transcript {
  /** The agent that is talked to; others are those it has sent to work. */
  readonly agent: string;
  /** What is finished. Only ever added to. */
  readonly entries: readonly Entry[];
  /** Messages that are owed an answer. */
  readonly owed: readonly number[];
  readonly run: Run | undefined;
  /** The first is put to the person. */
  readonly questions: readonly OpenQuestion[];
}

export type Entry =
  | { kind: "resumed"; text: string; at: Date }
  | { kind: "person"; text: string }
  | { kind: "agent"; agent: string; text: string }
  | { kind: "thinking"; text: string }
  | (Omit<ToolEnd, "type"> & { kind: "tool"; verbose: boolean })
  | { kind: "notice"; text: string }
  /** One that is too long for the screen; it is asked below in short. */
  | { kind: "question"; text: string }
  | { kind: "decision"; text: string; outcome: Outcome };

export type Outcome = "yes" | "no" | "withdrawn";

/** What is under way. */
export interface Run {
  /** The message that it began with. */
  readonly message: number;
  readonly verbose: boolean;
  readonly reasoning: boolean;
  readonly thinking: string;
  /** What this step has said so far. */
  readonly text: string;
  /** What an earlier step said, already among the entries. */
  readonly progress: string;
  /** Why the model does not speak yet. */
  readonly wait: string | undefined;
  readonly calls: readonly { agent: string; call: ToolCall }[];
  readonly over: StopReason | undefined;
}

export interface OpenQuestion {
  readonly id: number;
  /** Markdown. */
  readonly text: string;
  /** It stands in full among the entries. */
  readonly unfolded: boolean;
}

export type Change =
  | Update
  | { type: "asked"; id: number; text: string }
  | { type: "unfolded"; id: number }
  | { type: "decided"; id: number; outcome: Outcome }
  | { type: "noticed"; text: string };

export function emptyTranscript(agent: string): Transcript {
  return { agent, entries: [], owed: [], run: undefined, questions: [] };
}

export function isBusy({ owed, run }: Transcript): boolean {
  return owed.length > 0 || (run !== undefined && run.over === undefined);
}

export function advance(transcript: Transcript, change: Change): Transcript {
  switch (change.type) {
    case "resumed": {
      const { text, at, inbox } = change.message;
      return add({ ...transcript, owed: [...transcript.owed, inbox] }, { kind: "resumed", text, at });
    }
    case "said": {
      const { text, inbox } = change.message;
      return add({ ...transcript, owed: [...transcript.owed, inbox] }, { kind: "person", text });
    }
    case "event":
      return afterEvent(transcript, change.message, change.event);
    case "answer":
      return afterAnswer(transcript, change);
    case "refused":
      return add(transcript, { kind: "notice", text: change.text });
    case "settled": {
      const owed = transcript.owed.filter((id) => !change.messages.includes(id));
      const run = transcript.run && change.messages.includes(transcript.run.message) ? undefined : transcript.run;
      return { ...transcript, owed, run };
    }
    case "asked":
      return {
        ...transcript,
        questions: [...transcript.questions, { id: change.id, text: change.text, unfolded: false }],
      };
    case "unfolded": {
      const question = transcript.questions.find(({ id, unfolded }) => id === change.id && !unfolded);
      if (!question) return transcript;
      const questions = transcript.questions.map((open) => (open === question ? { ...open, unfolded: true } : open));
      return add({ ...transcript, questions }, { kind: "question", text: question.text });
    }
    case "decided": {
      const question = transcript.questions.find(({ id }) => id === change.id);
      if (!question) return transcript;
      const questions = transcript.questions.filter((open) => open !== question);
      return add({ ...transcript, questions }, { kind: "decision", text: question.text, outcome: change.outcome });
    }
    case "noticed":
      return add(transcript, { kind: "notice", text: change.text });
  }
}

function afterEvent(transcript: Transcript, message: number, event: AgentEvent): Transcript {
  const { agent } = event;
  const isOwn = agent === transcript.agent;
  const run = transcript.run ?? newRun(message);
  const withRun = (changes: Partial<Run>) => ({ ...transcript, run: { ...run, ...changes } });

  switch (event.type) {
    case "run-start":
      if (!isOwn) return withRun({});
      return { ...transcript, run: { ...newRun(message), verbose: event.verbose, reasoning: event.reasoning } };
    case "model-wait":
    case "tool-progress":
      return withRun({ wait: event.text });
    case "thinking-delta":
      return withRun({ wait: undefined, ...(isOwn && { thinking: run.thinking + event.text }) });
    case "text-delta":
      if (!isOwn) return withRun({ wait: undefined });
      return { ...transcript, ...thought(transcript, { ...run, wait: undefined, text: run.text + event.text }) };
    case "text-reset":
      return isOwn ? withRun({ text: "" }) : transcript;
    case "step-end":
      if (!isOwn) return transcript;
      return { ...transcript, ...thought(transcript, { ...run, wait: undefined, text: event.text }) };
    case "tool-start": {
      const calls = [...run.calls, { agent, call: event.call }];
      return isOwn ? spoken({ ...transcript, run: { ...run, calls } }) : withRun({ calls });
    }
    case "tool-end": {
      const { type: _, ...end } = event;
      const calls = run.calls.filter((open) => open.call.id !== end.call.id || open.agent !== agent);
      return add(withRun({ calls }), { kind: "tool", ...end, verbose: run.verbose });
    }
    case "notice":
      return add(transcript, { kind: "notice", text: event.text });
    case "run-end":
      return isOwn ? withRun({ over: event.reason, wait: undefined, calls: [] }) : transcript;
  }
}

/** The answer takes the place of what was streamed of it. One that already stands there as progress is not repeated. */
function afterAnswer(transcript: Transcript, { agent, text, answers }: Update & { type: "answer" }): Transcript {
  const { run } = transcript;
  const owed = transcript.owed.filter((id) => !answers.includes(id));
  const endsRun = run !== undefined && (answers.includes(run.message) || run.over !== undefined);
  if (!endsRun) return add({ ...transcript, owed }, { kind: "agent", agent, text });
  const { entries } = thought(transcript, run);
  const after = { ...transcript, entries, owed, run: undefined };
  return run.progress !== "" && run.progress === text.trim() ? after : add(after, { kind: "agent", agent, text });
}

/** Thinking ends where speaking begins; it stays to be read when the person wants to see it. */
function thought(transcript: Transcript, run: Run): { entries: readonly Entry[]; run: Run } {
  const text = run.thinking.trim();
  const entries: readonly Entry[] =
    text === "" || !run.reasoning ? transcript.entries : [...transcript.entries, { kind: "thinking", text }];
  return { entries, run: { ...run, thinking: "" } };
}

/** What the step has said before its calls is progress, and is finished. */
function spoken(transcript: Transcript & { run: Run }): Transcript {
  const { entries, run } = thought(transcript, transcript.run);
  const text = run.text.trim();
  if (text === "") return { ...transcript, entries, run };
  const after = { ...transcript, entries, run: { ...run, text: "", progress: text } };
  return add(after, { kind: "agent", agent: transcript.agent, text });
}

function add(transcript: Transcript, entry: Entry): Transcript {
  return { ...transcript, entries: [...transcript.entries, entry] };
}

function newRun(message: number): Run {
  return {
    message,
    verbose: false,
    reasoning: false,
    thinking: "",
    text: "",
    progress: "",
    wait: undefined,
    calls: [],
    over: undefined,
  };
}
