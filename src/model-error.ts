/**
 * What went wrong on the model's side.
 * `rate-limited` 429 · `spend-limit` the account's money or quota is used up · `overloaded` 5xx · `unreachable` refused,
 * no such host · `unauthorized` 401, 403 · `missing-model` 404 · `bad-request` other 4xx · `context-too-long` ·
 * `hung` nothing came in time · `cut` the stream ended before its end · `malformed` what came cannot be read ·
 * `empty` nothing was said
 */
export type ModelErrorKind =
  | "rate-limited"
  | "spend-limit"
  | "overloaded"
  | "unreachable"
  | "unauthorized"
  | "missing-model"
  | "bad-request"
  | "context-too-long"
  | "hung"
  | "cut"
  | "malformed"
  | "empty";

/** A model request that failed for good. The message is a sentence for the person, with what to do; no key in it. */
export class ModelError extends Error {
  override name = "ModelError";
  readonly kind: ModelErrorKind;
  /** How long the server asked to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: ModelErrorKind,
    message: string,
    options: { retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs;
  }
}
