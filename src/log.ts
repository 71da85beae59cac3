import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";

export interface Logger {
  debug(message: string, data?: Record<string, unknown>): void;
  info(message: string, data?: Record<string, unknown>): void;
  warn(message: string, data?: Record<string, unknown>): void;
  error(message: string, data?: Record<string, unknown>): void;
}

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** `pretty`: time, level, message, details, for eyes. `json`: one object a line, for programs. */
export const logFormats = ["pretty", "json"] as const;
export type LogFormat = (typeof logFormats)[number];

export interface LoggerOptions {
  /** Takes one finished line, without its newline. It may throw: a full disk must not stop the program. */
  write(line: string): void;
  level?: LogLevel;
  format?: LogFormat;
  /** Replaces known secrets; applied to the whole line. */
  mask?(text: string): string;
  now?(): Date;
}

/** A logger of one line an entry: time, level, message, data. Never throws. */
export function createLogger({
  write,
  level = "info",
  format = "pretty",
  mask = (text) => text,
  now = () => new Date(),
}: LoggerOptions): Logger {
  const entry =
    (name: LogLevel) =>
    (message: string, data?: Record<string, unknown>): void => {
      if (logLevels.indexOf(name) < logLevels.indexOf(level)) return;
      try {
        write(mask(lineIn[format](now().toISOString(), name, message, data)));
      } catch {
        // A log that cannot be written is no reason to stop answering.
      }
    };
  return { debug: entry("debug"), info: entry("info"), warn: entry("warn"), error: entry("error") };
}

/** Writes lines to a stream whose reader may go away: then they are lost, and nothing else is. */
export function streamWriter(stream: NodeJS.WritableStream): (line: string) => void {
  stream.on("error", () => {}); // Without a listener it would end the program.
  return (line) => void stream.write(`${line}\n`);
}

/** Appends lines to `path`; at `maxBytes` the file becomes `path`.1 and a new one begins. */
export function fileWriter(path: string, maxBytes = 5_000_000): (line: string) => void {
  mkdirSync(dirname(path), { recursive: true });
  return (line) => {
    const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (bytes > maxBytes) renameSync(path, `${path}.1`);
    appendFileSync(path, `${line}\n`, { mode: 0o600 });
  };
}

const lineIn = {
  pretty: (time: string, level: LogLevel, message: string, data?: Record<string, unknown>): string =>
    `${time} ${level} ${message}${data ? ` ${written(data) ?? `(${unwritable})`}` : ""}`,
  json: (time: string, level: LogLevel, message: string, data?: Record<string, unknown>): string =>
    written({ time, level, message, data }) ?? JSON.stringify({ time, level, message, data: unwritable }),
};

const unwritable = "details that cannot be written";

/** Undefined for a circle, or for numbers that JSON does not have. */
function written(data: Record<string, unknown>): string | undefined {
  try {
    return JSON.stringify(data, plainError);
  } catch {
    return undefined;
  }
}

function plainError(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { message, name, stack, cause } = value;
  return { name, message, stack: stack?.split("\n").slice(1, 6), ...(cause === undefined ? {} : { cause }) };
}
