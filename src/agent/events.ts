/** What a run tells the outside while it is under way. Types are noun-verb. */
export type AgentEvent =
  /** `verbose`: tool calls are to be shown with their results; `reasoning`: the model's thinking is to be shown. */
  | { type: "run-start"; agent: string; verbose: boolean; reasoning: boolean }
  /** The model does not answer yet: it is being loaded, or a failed request is about to be made again. One sentence. */
  | { type: "model-wait"; agent: string; text: string }
  | { type: "thinking-delta"; agent: string; text: string }
  | { type: "text-delta"; agent: string; text: string }
  /** What was streamed of this step's text so far is void: the attempt failed, or it was thinking. */
  | { type: "text-reset"; agent: string }
  /** One model call is over. `text` is all it said; it is progress when calls follow, else the answer. */
  | { type: "step-end"; agent: string; text: string }
  | { type: "tool-start"; agent: string; call: ToolCall }
  /** How far a long call is, in a few words; the newest stands for those before. */
  | { type: "tool-progress"; agent: string; call: ToolCall; text: string }
  | ToolEnd
  /** A sentence for the person beside the answer, e.g. that a question was withdrawn. */
  | { type: "notice"; agent: string; text: string }
  | { type: "run-end"; agent: string; reason: StopReason };

export interface ToolEnd {
  type: "tool-end";
  agent: string;
  call: ToolCall;
  /** What the model reads. */
  output: string;
  failed: boolean;
  /** The policy or the owner said no: nothing was done. */
  refused: boolean;
  /** Without the time that a person took to decide. */
  durationMs: number;
}

/** One call the model asked for. `input` is what it wrote: unchecked. */
export interface ToolCall {
  id: string;
  name: string;
  input: unknown;
}

/** Why a run ended. `limited`: a limit of the run or of the day; `failed`: the model could not be had. */
export type StopReason = "answered" | "limited" | "stopped" | "failed";
