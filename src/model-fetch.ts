import { Agent, fetch as undiciFetch } from "undici";
import { messageOf } from "./errors.ts";
import { bodyChecker } from "./model-body.ts";
import { ModelError } from "./model-error.ts";
import { failureOf, oneLine } from "./model-failure.ts";

export interface ModelDeadlines {
  connectMs?: number | undefined;
  /** From the request to the answer's headers. */
  headersMs?: number | undefined;
  /** Between two pieces of the body. The first may take as long as the headers might have. */
  idleMs?: number | undefined;
}

/**
 * A `fetch` for models' servers. It throws `ModelError`s: for every answer that is not a success (also an error inside a
 * 200 or in mid-stream), when nothing comes in time, when the connection fails or what comes is not what it says it is.
 * An abort by the caller throws the caller's reason.
 */
export function createModelFetch({
  connectMs = 10_000,
  headersMs = 30_000,
  idleMs = 60_000,
}: ModelDeadlines = {}): typeof globalThis.fetch {
  // The built-in fetch gives up after 300 s without headers, and a large model takes longer than that to load.
  const dispatcher = new Agent({ connect: { timeout: connectMs }, headersTimeout: 0, bodyTimeout: 0, allowH2: false });

  return async (input, init) => {
    const { url, headers: sentHeaders } = withoutCredentials(
      new URL(input instanceof Request ? input.url : input),
      init,
    );
    const cancellation = new AbortController();
    const caller = init?.signal ?? undefined;
    const signal = caller ? AbortSignal.any([caller, cancellation.signal]) : cancellation.signal;
    const expire = (error: ModelError) => cancellation.abort(error);

    try {
      const request = undiciFetch(url, { ...(init as object), headers: sentHeaders, signal, dispatcher });
      const late = () => hung(`did not begin to answer within ${headersMs / 1000} s`);
      const response = await inTime(request, headersMs, late, expire);
      const source = {
        read: readerOf(response.body, { firstMs: Math.max(headersMs, idleMs), idleMs, expire, caller }),
        cancel: (reason: unknown) => cancellation.abort(reason),
      };
      const headers = new Headers([...response.headers]);
      if (!response.ok) throw failureOf({ status: response.status, headers, body: await beginningOf(source) });
      if (headers.get("content-type")?.includes("text/html")) throw webPage(url, cancellation);
      const body = response.body && checkedStream(source, headers.get("content-type") ?? "");
      return new Response(body, { status: response.status, statusText: response.statusText, headers });
    } catch (error) {
      caller?.throwIfAborted();
      throw connectionError(error, url);
    }
  };
}

/** A name and password in an address are sent as a header; fetch does not take them there, and errors must not show them. */
function withoutCredentials(given: URL, init: RequestInit | undefined): { url: URL; headers: [string, string][] } {
  const headers = new Headers(init?.headers);
  const url = new URL(given);
  url.username = "";
  url.password = "";
  if (given.username && !headers.has("authorization")) {
    const credentials = [given.username, given.password].map(decodeURIComponent).join(":");
    headers.set("authorization", `Basic ${Buffer.from(credentials).toString("base64")}`);
  }
  return { url, headers: [...headers] };
}

interface Source {
  /** The next piece, or undefined at the end. Throws `ModelError`s. */
  read(): Promise<Uint8Array | undefined>;
  cancel(reason: unknown): void;
}

interface ReadOptions {
  firstMs: number;
  idleMs: number;
  expire(error: ModelError): void;
  caller: AbortSignal | undefined;
}

function readerOf(body: unknown, { firstMs, idleMs, expire, caller }: ReadOptions): Source["read"] {
  const reader = (body as ReadableStream<Uint8Array> | null)?.getReader();
  let allowedMs = firstMs;
  return async () => {
    if (!reader) return undefined;
    try {
      const late = () => hung(`sent nothing for ${allowedMs / 1000} s in the middle of its answer`);
      const { value } = await inTime(reader.read(), allowedMs, late, expire);
      allowedMs = idleMs;
      return value;
    } catch (error) {
      caller?.throwIfAborted();
      if (error instanceof ModelError) throw error;
      throw new ModelError("cut", "The connection to the model's server broke off in the middle of the answer.", {
        cause: error,
      });
    }
  };
}

function checkedStream({ read, cancel }: Source, contentType: string): ReadableStream<Uint8Array> {
  const check = bodyChecker(contentType);
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      // A piece may hold no whole line yet: read on until there is something to hand over.
      for (;;) {
        const piece = await read();
        const ready = piece ? check.push(piece) : check.end();
        if (ready.length > 0) controller.enqueue(ready);
        if (check.over) cancel(undefined);
        if (!piece || check.over) return controller.close();
        if (ready.length > 0) return;
      }
    },
    cancel,
  });
}

/** Enough of a refusal's body to tell what it says. What goes wrong meanwhile is not worth telling. */
async function beginningOf({ read, cancel }: Source): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    while (text.length < 64_000) {
      const piece = await read();
      if (!piece) return text;
      text += decoder.decode(piece, { stream: true });
    }
  } catch {
    return text;
  }
  cancel(undefined);
  return text;
}

/** What `work` gives; after `limitMs` the error of `late` is thrown, and handed to `expire` to end the work. */
async function inTime<T>(
  work: Promise<T>,
  limitMs: number,
  late: () => ModelError,
  expire: (error: ModelError) => void,
): Promise<T> {
  const expiry = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = late();
    expiry.reject(error);
    expire(error);
  }, limitMs);
  try {
    return await Promise.race([work, expiry.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function hung(what: string): ModelError {
  return new ModelError("hung", `The model's server ${what}. Try again, or choose another model.`);
}

function webPage(url: URL, cancellation: AbortController): ModelError {
  cancellation.abort();
  return new ModelError(
    "malformed",
    `A web page came from ${url.origin}${url.pathname} where a model's answer should be. Check the provider's address.`,
  );
}

function connectionError(error: unknown, url: URL): ModelError {
  if (error instanceof ModelError) return error;
  const causes = chain(error);
  const code = causes.map((cause) => (cause as { code?: unknown }).code).find((value) => typeof value === "string");
  if (code === "ECONNRESET" || code === "EPIPE" || code === "UND_ERR_SOCKET") {
    return new ModelError("cut", "The model's server closed the connection without an answer. Try again.", {
      cause: error,
    });
  }
  const reason = reasons[code as string] ?? oneLine(messageOf(causes.at(-1)));
  return new ModelError(
    "unreachable",
    `The model's server at ${url.origin} cannot be reached (${reason}). Check that it is running and that the provider's address is right.`,
    { cause: error },
  );
}

const reasons: Record<string, string> = {
  ECONNREFUSED: "connection refused",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "the name could not be looked up",
  EHOSTUNREACH: "no way to the host",
  ENETUNREACH: "no way to the network",
  ETIMEDOUT: "no answer",
  UND_ERR_CONNECT_TIMEOUT: "no answer",
};

function chain(error: unknown): Error[] {
  return error instanceof Error ? [error, ...chain(error.cause)] : [];
}
