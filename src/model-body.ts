import { ModelError } from "./model-error.ts";
import { failureOf } from "./model-failure.ts";

/** Checks a body as it comes and hands on what is sound. Throws a `ModelError` for what is not. */
export interface BodyChecker {
  /** The part that may be handed on; empty while no line is whole. */
  push(piece: Uint8Array): Uint8Array;
  end(): Uint8Array;
  /** The body has said that it is over. What a server does with the connection afterwards does not matter. */
  readonly over: boolean;
}

/**
 * The SDKs drop what they cannot read, and an answer with a hole in it would pass for a whole one. So it is read here:
 * lines of JSON and server-sent events line by line, a JSON document as a whole, anything else as UTF-8 only.
 * An error inside a body counts as if it had come over HTTP.
 */
export function bodyChecker(contentType: string): BodyChecker {
  if (contentType.includes("ndjson")) return linewise(checkJsonLine, "drop");
  if (contentType.includes("event-stream")) return linewise(checkEventLine, "keep");
  if (contentType.includes("json")) return wholeDocument();
  return linewise(() => false, "keep");
}

/** `checkLine` tells whether the body is over with this line. */
function linewise(checkLine: (line: string) => boolean, blankLines: "keep" | "drop"): BodyChecker {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const encoder = new TextEncoder();
  let rest = "";
  let over = false;

  function take(text: string): Uint8Array {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    return encoder.encode(
      lines
        .filter(isKept)
        .map((line) => `${line}\n`)
        .join(""),
    );
  }

  function isKept(line: string): boolean {
    if (over) return false;
    if (line.trim() === "") return blankLines === "keep";
    over = checkLine(line.trimEnd());
    return true;
  }

  return {
    push: (piece) => take(decode(decoder, piece)),
    end: () => take(`${decode(decoder)}\n`),
    get over() {
      return over;
    },
  };
}

function wholeDocument(): BodyChecker {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  return {
    push(piece) {
      text += decode(decoder, piece);
      return new Uint8Array();
    },
    end() {
      text += decode(decoder);
      if (text.trim()) checkDocument(text);
      return new TextEncoder().encode(text);
    },
    over: false,
  };
}

function decode(decoder: InstanceType<typeof TextDecoder>, piece?: Uint8Array): string {
  try {
    return decoder.decode(piece, { stream: piece !== undefined });
  } catch (cause) {
    throw unreadable("not UTF-8", cause);
  }
}

function checkEventLine(line: string): boolean {
  if (!line.startsWith("data:")) {
    if (!/^(:|event:|id:|retry:)/.test(line)) throw unreadable("not an event");
    return false;
  }
  const data = line.slice(5).trim();
  return data === "[DONE]" || checkJsonLine(data);
}

/** A piece of a stream is always an object. */
function checkJsonLine(line: string): boolean {
  const value = checkDocument(line);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw unreadable("not an object");
  return false;
}

function checkDocument(text: string): unknown {
  const value = parse(text);
  if (typeof value === "object" && value !== null && "error" in value && value.error) throw failureOf({ body: value });
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable("broken JSON", cause);
  }
}

function unreadable(what: string, cause?: unknown): ModelError {
  return new ModelError("malformed", `The model's server sent something that cannot be read (${what}). Try again.`, {
    cause,
  });
}
