import { ModelError, type ModelErrorKind } from "./model-error.ts";

/** What a model's server said when it would not answer: over HTTP, in mid-stream, or inside a 200. */
export interface Failure {
  /** Of the HTTP answer; undefined in mid-stream. */
  status?: number | undefined;
  headers?: Headers | undefined;
  /** As it came: JSON, plain text or a proxy's HTML page. */
  body: unknown;
}

/** The error for a refusal by the server. Its sentence says what to do and holds neither a key nor much of the body. */
export function failureOf({ status: httpStatus, headers, body }: Failure): ModelError {
  const { text, words, status: ownStatus, headers: ownHeaders } = reading(body);
  // A 200 that holds an error, and a stream that breaks off with one, say in the body what HTTP would have said.
  const status = httpStatus !== undefined && httpStatus >= 400 ? httpStatus : (ownStatus ?? statusFrom(words));
  const kind = kindOf(status, words);
  const said = text && kind !== "unauthorized" ? `${status}: ${text}` : `${status}`;
  const retryAfterMs = retryAfterMsFrom(headers) ?? retryAfterMsFrom(ownHeaders);
  return new ModelError(kind, sentences[kind](said), { retryAfterMs });
}

const sentences: Record<ModelErrorKind, (said: string) => string> = {
  "rate-limited": (said) => `The model's server takes no more requests for now (${said}). Try again in a while.`,
  "spend-limit": (said) =>
    `The account's money or quota at the model's provider is used up (${said}). Top it up there or choose another model.`,
  overloaded: (said) => `The model's server is overloaded (${said}). Try again later or choose another model.`,
  unauthorized: (said) =>
    `The model's server refused access (${said}). Check the provider's API key and what it may use.`,
  "missing-model": (said) =>
    `The model's server does not have what was asked for (${said}). Check the model's name and the provider's address.`,
  "bad-request": (said) =>
    `The model's server did not accept the request (${said}). Check the model's settings or choose another model.`,
  "context-too-long": (said) =>
    `The conversation is too long for the model (${said}). Start anew with /clear or choose a model with a larger window.`,
  unreachable: (said) => `The model's server cannot be reached (${said}).`,
  hung: (said) => `The model's server fell silent (${said}).`,
  cut: (said) => `The model's answer broke off (${said}).`,
  malformed: (said) => `The model's server sent something that cannot be read (${said}).`,
  empty: (said) => `The model said nothing (${said}).`,
};

function kindOf(status: number, words: string): ModelErrorKind {
  if (status === 402) return "spend-limit";
  if (status === 429) return spendWords.test(words) ? "spend-limit" : "rate-limited";
  if (status === 401) return "unauthorized";
  if (status === 413 || tooLongWords.test(words)) return "context-too-long";
  if (status === 403) return spendWords.test(words) ? "spend-limit" : "unauthorized";
  if (status === 404) return "missing-model";
  if (status === 408 || status >= 500) return "overloaded";
  return "bad-request";
}

const spendWords = /quota|credit|billing|insufficient.?(funds|balance)|spend(ing)?.?(limit|cap)|payment/i;
const tooLongWords =
  /context.?(length|window|size)|exceed_context|maximum context|too long|too many (input )?tokens|max_?(model|seq)_?len/i;

/** The HTTP status that the words of an error stand for. What is not known may pass: 500. */
function statusFrom(words: string): number {
  if (/insufficient_quota|credit|billing/i.test(words)) return 402;
  if (/rate.?limit|too many requests/i.test(words)) return 429;
  if (/authentication|invalid.?api.?key|unauthori[sz]ed/i.test(words)) return 401;
  if (/permission|forbidden/i.test(words)) return 403;
  if (/not.?found|does not exist|no such model/i.test(words)) return 404;
  if (/overloaded|unavailable|capacity/i.test(words)) return 503;
  if (/invalid.?request|does not support/i.test(words) || tooLongWords.test(words)) return 400;
  return 500;
}

interface Reading {
  /** For the person: one short line. */
  text: string;
  /** All that the error says of itself, to be searched. */
  words: string;
  status: number | undefined;
  headers: Headers | undefined;
}

/** Reads the shapes in use: `{error: "…"}`, `{error: {message, type, code, metadata}}`, the same without its wrapping. */
function reading(body: unknown): Reading {
  const parsed = typeof body === "string" ? parseOr(body, body) : body;
  const error = isRecord(parsed) && parsed.error != null ? parsed.error : parsed;
  if (!isRecord(error)) {
    const plain = typeof error === "string" ? error : "";
    return { text: oneLine(plain), words: plain, status: undefined, headers: undefined };
  }

  const { message, type, code, status, metadata } = error;
  const headers = isRecord(metadata) && isRecord(metadata.headers) ? metadata.headers : {};
  const texts = Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return {
    text: oneLine(typeof message === "string" ? message : ""),
    words: [message, type, code, status].filter((word) => typeof word === "string").join(" "),
    status: [code, status].map(Number).find((number) => number >= 400 && number < 600),
    headers: new Headers(texts),
  };
}

/** How long a server asks to wait, from the headers in use. */
export function retryAfterMsFrom(headers: Headers | undefined, nowMs = Date.now()): number | undefined {
  const milliseconds = Number(headers?.get("retry-after-ms") ?? Number.NaN);
  if (milliseconds >= 0) return milliseconds;

  const after = headers?.get("retry-after");
  if (after) {
    const untilMs = Number.isNaN(Number(after)) ? Date.parse(after) - nowMs : Number(after) * 1000;
    if (!Number.isNaN(untilMs)) return Math.max(0, untilMs);
  }

  const reset = headers?.get("x-ratelimit-reset");
  return reset ? untilResetMs(reset.trim(), nowMs) : undefined;
}

/** `x-ratelimit-reset` is a time in ms or s since 1970, a number of seconds, or a length such as `1m30s`. */
function untilResetMs(reset: string, nowMs: number): number | undefined {
  const number = Number(reset);
  if (number > 1e11) return Math.max(0, number - nowMs);
  if (number > 1e9) return Math.max(0, number * 1000 - nowMs);
  if (number >= 0) return number * 1000;
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(reset)) return undefined;
  const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  return [...reset.matchAll(/([\d.]+)(ms|s|m|h)/g)].reduce((sum, [, count, unit = ""]) => {
    return sum + Number(count) * (unitMs[unit] ?? 0);
  }, 0);
}

/** At most 200 characters of one line, without anything that looks like a key; nothing of an HTML page. */
export function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  if (line.startsWith("<")) return "";
  const masked = line.replace(/\b((?:sk|pk|key|token)[-_]|Bearer )[\w.*-]{6,}/gi, "$1…");
  return masked.length > 160 ? `${masked.slice(0, 159)}…` : masked;
}

function parseOr<T>(text: string, fallback: T): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return fallback;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
