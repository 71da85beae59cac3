import { ConnectionError, HTTPError, MatrixError } from "matrix-js-sdk";
import { messageOf } from "../../errors.ts";

/** Why an event did not leave, and what follows from it. */
export type SendFailure =
  /** The server asks for patience; it did not take the event. */
  | { kind: "limited"; waitMs: number | undefined }
  /** Nobody knows whether it arrived: the same transaction again finds out. */
  | { kind: "unreachable" }
  | { kind: "too-large" }
  /** It will not leave for this room until something changes there. */
  | { kind: "blocked"; problem: string }
  /** The account is logged out or locked: nothing leaves until its owner has acted. */
  | { kind: "logged-out"; problem: string };

/** Thrown instead of sending something in the clear that belongs encrypted. */
export class NotEncryptedError extends Error {
  override name = "NotEncryptedError";
}

const loggedOut = new Set(["M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_LOCKED", "M_USER_DEACTIVATED"]);

export function sendFailureOf(error: unknown): SendFailure {
  if (error instanceof NotEncryptedError) return { kind: "blocked", problem: error.message };
  if (error instanceof ConnectionError) return { kind: "unreachable" };
  if (!(error instanceof HTTPError)) return { kind: "blocked", problem: messageOf(error) };
  if (error.isRateLimitError()) return { kind: "limited", waitMs: askedPatience(error) };
  const code = error instanceof MatrixError ? error.errcode : undefined;
  if (code && loggedOut.has(code))
    return { kind: "logged-out", problem: "the homeserver no longer takes the token: `memtrix onboard --relogin`" };
  if (code === "M_TOO_LARGE" || error.httpStatus === 413) return { kind: "too-large" };
  // A server that does not speak Matrix here, such as a proxy before it, is one that is away.
  if (code === undefined || (error.httpStatus ?? 500) >= 500) return { kind: "unreachable" };
  return { kind: "blocked", problem: `the homeserver refuses it: ${error.message}` };
}

function askedPatience(error: HTTPError): number | undefined {
  try {
    return error.getRetryAfterMs() ?? undefined;
  } catch {
    return undefined; // A time that cannot be read.
  }
}
