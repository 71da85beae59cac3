import { pause } from "./pace.ts";

/** How long an answer may take, and how often and how fast a request is made again whose connection failed. */
export interface Patience {
  /** Of the first attempt, where there can be a second; it doubles each time, up to the longest. */
  answerMs: number;
  longestAnswerMs: number;
  /** The pause before the second attempt; it doubles each time. */
  firstPauseMs: number;
  attempts: number;
}

/** Where every second connection fails, a request needs half a second, and one in sixty needs more than three. */
export const usualPatience: Patience = {
  ...{ answerMs: 15_000, longestAnswerMs: 60_000 },
  ...{ firstPauseMs: 100, attempts: 6 },
};

/** More than a poll was to take. */
const syncGraceMs = 30_000;
/** A server that asks for more is left to whoever made the request. */
const longestAskedMs = 5_000;

/**
 * `fetch`, with an end for a request that nothing comes back to: the SDK would wait for it for ever, and all that stands
 * behind it. What can be asked twice is asked again at once when its connection fails: of what the SDK asks at its start,
 * each would cost it up to fifteen seconds. What is thrown in the end counts as a connection that failed.
 */
export function createPatientFetch(patience: Patience = usualPatience): typeof fetch {
  const { answerMs, longestAnswerMs, firstPauseMs, attempts } = patience;

  async function once(input: Parameters<typeof fetch>[0], init: RequestInit, limitMs: number | undefined) {
    if (limitMs === undefined) return fetch(input, init);
    const late = AbortSignal.timeout(limitMs);
    return fetch(input, { ...init, signal: init.signal ? AbortSignal.any([init.signal, late]) : late });
  }

  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const signal = init.signal ?? new AbortController().signal;
    const most = isRepeatable(init.method ?? "GET", url) ? attempts : 1;
    for (let attempt = 1; ; attempt++) {
      const pauseMs = firstPauseMs * 2 ** (attempt - 1) * (1 + Math.random() * 0.2);
      const limitMs = most === 1 ? longestAnswerMs : Math.min(answerMs * 2 ** (attempt - 1), longestAnswerMs);
      try {
        const response = await once(input, init, limitOf(url, limitMs));
        const askedMs = attempt < most && isUnpaced(url) ? await askedPatience(response) : undefined;
        if (askedMs === undefined) return response;
        await pause(Math.max(askedMs, pauseMs), signal);
      } catch (error) {
        if (signal.aborted || attempt >= most) throw error;
        await pause(pauseMs, signal);
      }
    }
  };
}

/** A file is as long as it is; a sync that catches up has the SDK's own limit, one that waits for news says how long. */
function limitOf({ pathname, searchParams }: URL, usualMs: number): number | undefined {
  if (pathname.endsWith("/upload")) return pathname.includes("/keys/") ? usualMs : undefined;
  if (!pathname.endsWith("/sync")) return usualMs;
  const waitsMs = Number(searchParams.get("timeout"));
  return waitsMs > 0 ? waitsMs + syncGraceMs : undefined;
}

/** Twice is the same as once: by the method (what is sent has a transaction), or because that request is known to be so. */
function isRepeatable(method: string, { pathname }: URL): boolean {
  if (method !== "POST") return true;
  return /\/keys\/(query|claim|upload|signatures\/upload)$|\/filter$|\/join(\/|$)/.test(pathname);
}

/** The outbox keeps its own pace, over all that is sent. */
function isUnpaced({ pathname }: URL): boolean {
  return !/\/rooms\/[^/]+\/(send|redact|state)\//.test(pathname);
}

/** How long to wait, in milliseconds, where a busy server says so and it is not long. */
async function askedPatience(response: Response): Promise<number | undefined> {
  if (response.status !== 429) return undefined;
  const header = response.headers.get("retry-after");
  const body =
    header === null
      ? await response
          .clone()
          .json()
          .catch(() => undefined)
      : undefined;
  const askedMs = header === null ? Number(Object(body).retry_after_ms) : Number(header) * 1000;
  return askedMs <= longestAskedMs ? askedMs : undefined;
}
