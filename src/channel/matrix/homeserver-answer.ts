import { ConfigError, messageOf } from "../../errors.ts";

/** Requests to the homeserver that are made before there is a client. */
export interface Homeserver {
  address: string;
  accessToken: string;
  signal?: AbortSignal | undefined;
  /** Why we are waiting, in a sentence; undefined when it has answered. */
  onWaiting(problem: string | undefined): void;
}

const firstWaitMs = 250;
const longestWaitMs = 60_000;
const patienceMs = 15_000;

/**
 * The JSON that the homeserver answers with; waits for as long as it is away.
 * @throws ConfigError when it does not accept the token, or is no homeserver.
 */
export async function ask(homeserver: Homeserver, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const { address, onWaiting, signal } = homeserver;
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
    const answer = await request(homeserver, path, body);
    if ("json" in answer) {
      onWaiting(undefined);
      return answer.json;
    }
    signal?.throwIfAborted();
    onWaiting(
      `The homeserver ${address} does not answer (${answer.away}): Memtrix tries again, and goes on when it is back.`,
    );
    await pause(waitMs, signal);
  }
}

async function request(
  { address, accessToken, signal }: Homeserver,
  path: string,
  body: unknown,
): Promise<{ json: Record<string, unknown> } | { away: string }> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(new URL(`/_matrix/client/v3/${path}`, address), {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.any([AbortSignal.timeout(patienceMs), ...(signal ? [signal] : [])]),
    });
    text = await response.text();
  } catch (error) {
    return { away: messageOf((error as Error).cause ?? error) };
  }
  if (response.status >= 500 || response.status === 429) return { away: `status ${response.status}` };
  const json = parsed(text);
  if (json === undefined) throw notAHomeserver(address, response.status);
  if (response.ok) return { json };
  if (isLoggedOut(json)) throw new ConfigError(loggedOut(address, json));
  throw notAHomeserver(address, response.status);
}

/** The errors that end a session; what an answer or an error of the SDK says. */
export function isLoggedOut({ errcode }: { errcode?: unknown }): boolean {
  const ends = ["M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_LOCKED", "M_USER_DEACTIVATED", "M_USER_SUSPENDED"];
  return ends.includes(String(errcode));
}

export function loggedOut(who: string, { errcode }: { errcode?: unknown }): string {
  return errcode === "M_USER_LOCKED" || errcode === "M_USER_SUSPENDED"
    ? `The homeserver has locked the account (${who}): have it unlocked by whoever runs the homeserver, then start again, or log in anew with memtrix onboard --relogin. Its keys are kept.`
    : `The homeserver no longer accepts the login (${who}, ${errcode}): log in again with memtrix onboard --relogin. The keys are kept.`;
}

function notAHomeserver(address: string, status: number): ConfigError {
  return new ConfigError(
    `${address} does not answer as a Matrix homeserver (status ${status}): check its address in data/config.json.`,
  );
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const json = JSON.parse(text);
    return typeof json === "object" && json !== null ? json : undefined;
  } catch {
    return undefined;
  }
}

/** Waits; rejects when `signal` is aborted. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const abort = () => reject(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  return promise.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  });
}
