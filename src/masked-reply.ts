import type { AgentEvent, ToolCall } from "./agent/events.ts";
import type { Masking } from "./config/masking.ts";
import type { Reply } from "./reply.ts";

/** The same way back, on which no known secret goes: not in answers, nor in what is shown while they are being written. */
export function maskedReply(reply: Reply, masking: Masking): Reply {
  const { mask } = masking;
  const show = createMaskedShow((event) => reply.show(event), masking);
  const { ask, leftOpen } = reply;
  return {
    show,
    render: (text, isAllowedLink) => reply.render(mask(text), isAllowedLink),
    ...(ask ? { ask: (question, signal) => ask({ ...question, text: mask(question.text) }, signal) } : {}),
    sendFile: (file, signal) =>
      reply.sendFile(file.caption === undefined ? file : { ...file, caption: mask(file.caption) }, signal),
    react: (emoji) => reply.react(emoji),
    ...(leftOpen ? { leftOpen: (rows, sentence) => leftOpen(rows, mask(sentence)) } : {}),
    others: () => reply.others(),
  };
}

type Delta = Extract<AgentEvent, { type: "text-delta" | "thinking-delta" }>;

/** What is streamed is held back as long as it may be the beginning of a secret. */
function createMaskedShow(show: Reply["show"], { mask, settledLength }: Masking): Reply["show"] {
  const held: Partial<Record<Delta["type"], Delta>> = {};

  function add(event: Delta): void {
    const text = (held[event.type]?.text ?? "") + event.text;
    const length = settledLength(text);
    held[event.type] = { ...event, text: text.slice(length) };
    if (length > 0) show({ ...event, text: mask(text.slice(0, length)) });
  }

  function release(type: Delta["type"]): void {
    const last = held[type];
    delete held[type];
    if (last?.text) show({ ...last, text: mask(last.text) });
  }

  return (event) => {
    switch (event.type) {
      case "text-delta":
      case "thinking-delta":
        return add(event);
      case "text-reset":
        delete held["text-delta"];
        delete held["thinking-delta"];
        return show(event);
    }
    release("thinking-delta");
    release("text-delta");
    show(maskedEvent(event, mask));
  };
}

function maskedEvent(event: Exclude<AgentEvent, Delta>, mask: Masking["mask"]): AgentEvent {
  switch (event.type) {
    case "tool-start":
      return { ...event, call: maskedCall(event.call, mask) };
    case "tool-end":
      return { ...event, call: maskedCall(event.call, mask), output: mask(event.output) };
    case "tool-progress":
      return { ...event, call: maskedCall(event.call, mask), text: mask(event.text) };
    default:
      return "text" in event ? { ...event, text: mask(event.text) } : event;
  }
}

function maskedCall(call: ToolCall, mask: Masking["mask"]): ToolCall {
  return { ...call, input: masked(call.input, mask) };
}

/** The same value with every string in it masked, at any depth. */
function masked(value: unknown, mask: Masking["mask"]): unknown {
  if (typeof value === "string") return mask(value);
  if (Array.isArray(value)) return value.map((part) => masked(part, mask));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [mask(key), masked(part, mask)]));
}
